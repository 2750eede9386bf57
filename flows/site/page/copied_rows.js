// Copied rows: the rows of one paper, from the copy that a site without a Parquet reader holds.

import { openRows } from './rows.js'

/** Open the rows of the paper with a number. */
export function openDetails(site, folder, card, number) {
  const details = openRows(`${folder}details.bin`, site.sizes.detail)
  return {
    /** Read the rows that a table has about the paper. */
    async read(table) {
      return (await details.readRow(number))[table] ?? []
    },
  }
}

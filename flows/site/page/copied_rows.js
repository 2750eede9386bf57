// Copied rows: the rows of one paper, from the copy that a site without a Parquet reader holds.

import { remember } from './bytes.js'
import { openRows } from './rows.js'

/** Open the rows of papers. */
export function openDetails(folder) {
  const open = remember(async size => openRows(`${folder}details.bin`, size))
  return {
    /** Read the rows that a table has about a paper. */
    async read(site, { number }, table) {
      const details = await open(site.sizes.detail)
      return (await details.readRow(number))[table] ?? []
    },
  }
}

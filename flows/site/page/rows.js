// Rows: files of packed lines of JSON, of which a page reads the blocks it needs.

import { readFile, readLines, readRange, remember, unpack, unpackText } from './bytes.js'

/** Open a file of rows. `size` is how many rows a block has. */
export function openRows(address, size) {
  const readStarts = remember(async () => {
    const lengths = new Uint32Array(await unpack(await readFile(`${address}.index`)))
    const starts = new Float64Array(lengths.length + 1)
    lengths.forEach((length, block) => { starts[block + 1] = starts[block] + length })
    return starts
  })
  // Begun at once, since no row is read without it; who reads one is the one to hear of a fault.
  readStarts().catch(() => {})
  const readBlock = remember(async block => {
    const starts = await readStarts()
    return readRange(address, starts[block], starts[block + 1])
  })
  /** Read several rows, in the order of their numbers as given. */
  async function readRows(numbers) {
    const blocks = [...new Set(numbers.map(number => Math.floor(number / size)))].sort((a, b) => a - b)
    const lines = readLines(await unpackText(...await Promise.all(blocks.map(readBlock))))
    // Only the last block of a file is shorter than others, and it comes last here as well.
    const place = number => blocks.indexOf(Math.floor(number / size)) * size + number % size
    return numbers.map(number => JSON.parse(lines[place(number)]))
  }
  return {
    readRows,
    /** Read one row. */
    readRow: remember(async number => (await readRows([number]))[0]),
  }
}

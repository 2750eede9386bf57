// Rows: files of packed lines of JSON, of which a page reads the blocks it needs.

import { readFile, readRange, remember, unpack, unpackText } from './bytes.js'

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
    const packed = await readRange(address, starts[block], starts[block + 1])
    return (await unpackText(packed)).split('\n')
  })
  return {
    /** Read one row. */
    async readRow(number) {
      const lines = await readBlock(Math.floor(number / size))
      return JSON.parse(lines[number % size])
    },
    /** Read several rows, in the order of their numbers as given. */
    readRows(numbers) {
      return Promise.all([...numbers].map(number => this.readRow(number)))
    },
  }
}

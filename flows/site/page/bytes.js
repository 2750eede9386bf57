// Bytes: parts of files, asked for by range, and unpacked.

/** Read the bytes `start` to `end` (exclusive) of a file. */
export async function readRange(address, start, end) {
  const response = await fetch(address, { headers: { Range: `bytes=${start}-${end - 1}` } })
  if (response.status === 206) return response.arrayBuffer()
  if (!response.ok) throw new Error(`${address} answered ${response.status}`)
  // A server that knows no ranges sends the whole file.
  const whole = await response.arrayBuffer()
  return whole.byteLength === end - start ? whole : whole.slice(start, end)
}

/** Read a whole file. */
export async function readFile(address) {
  const response = await fetch(address)
  if (!response.ok) throw new Error(`${address} answered ${response.status}`)
  return response.arrayBuffer()
}

/** An empty last block of deflate: what the site packs has none, so that pieces follow each other. */
const END = new Uint8Array([3, 0])

/** Unpack pieces that were packed with deflate, one after the other: each stream costs some milliseconds. */
export async function unpack(...buffers) {
  const stream = new Blob([...buffers, END]).stream().pipeThrough(new DecompressionStream('deflate-raw'))
  return new Response(stream).arrayBuffer()
}

/** Unpack text. */
export async function unpackText(...buffers) {
  return new TextDecoder().decode(await unpack(...buffers))
}

/** Split text into its lines, each of which has an end. */
export const readLines = text => text.split('\n').slice(0, -1)

/** Make a function remember its answers, so that nothing is asked for twice on a page. */
export function remember(read) {
  const answers = new Map()
  return (...key) => {
    const name = key.join('\u0000')
    if (!answers.has(name)) {
      const answer = read(...key)
      // What failed may work the next time.
      answer.catch(() => answers.delete(name))
      answers.set(name, answer)
    }
    return answers.get(name)
  }
}

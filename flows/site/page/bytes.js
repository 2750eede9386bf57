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

/** Unpack what was packed with deflate. */
export async function unpack(buffer) {
  const stream = new Blob([buffer]).stream().pipeThrough(new DecompressionStream('deflate-raw'))
  return new Response(stream).arrayBuffer()
}

/** Unpack text. */
export async function unpackText(buffer) {
  return new TextDecoder().decode(await unpack(buffer))
}

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

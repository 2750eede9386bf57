// Lists: the papers of a term, as sorted numbers that are read in pieces.

import { readRange, remember } from './bytes.js'

const BATCH = 2048
const STEP = 256

/** Decode numbers: the first as it is, then distances, seven bits a byte. */
export function decodeNumbers(buffer) {
  const numbers = []
  let number = 0
  let value = 0
  let shift = 0
  for (const byte of new Uint8Array(buffer)) {
    value |= (byte & 127) << shift
    if (byte > 127) {
      shift += 7
      continue
    }
    number += value
    numbers.push(number)
    value = shift = 0
  }
  return numbers
}

/** Find the first place in a sorted array whose number is not smaller. */
function findPlace(numbers, number) {
  let low = 0
  let high = numbers.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (numbers[middle] < number) low = middle + 1
    else high = middle
  }
  return low
}

/** Find the chunk that would hold a number, by the first number of each. */
function locateChunk(firsts, number) {
  const place = findPlace(firsts, number)
  return firsts[place] === number ? place : Math.max(place - 1, 0)
}

/** Open the list of a term's papers. */
export function openList(folder, entry, chunk) {
  const address = `${folder}postings.bin`
  const [start, length, directory, firstLength = length] = entry.places
  const chunks = Math.ceil(entry.count / chunk)

  const readDirectory = remember(async () => {
    if (chunks === 1) return { firsts: [0], offsets: [0, length] }
    const pairs = new Uint32Array(await readRange(address, directory, directory + 8 * chunks))
    const firsts = pairs.filter((_, place) => place % 2 === 0)
    const offsets = [...pairs.filter((_, place) => place % 2 === 1), length]
    return { firsts, offsets }
  })
  const readChunk = remember(async place => {
    if (entry.count === 1) return [start]
    // Most searches end with the first chunk: it is read beside the directory, not after it.
    if (place === 0) return decodeNumbers(await readRange(address, start, start + firstLength))
    const { offsets } = await readDirectory()
    return decodeNumbers(await readRange(address, start + offsets[place], start + offsets[place + 1]))
  })
  async function findChunk(number) {
    return number === 0 ? 0 : locateChunk((await readDirectory()).firsts, number)
  }

  return {
    count: entry.count,
    isExact: true,
    /** Give the numbers from `low` up to `high` (exclusive), some at a time. */
    async * read(low = 0, high = Infinity) {
      for (let place = await findChunk(low); place < chunks; place++) {
        const numbers = await readChunk(place)
        if (numbers[0] >= high) return
        yield numbers.filter(number => number >= low && number < high)
      }
    },
    /** Keep those of some sorted numbers that are in the list. */
    async keep(numbers) {
      const { firsts } = await readDirectory()
      const parts = []
      for (let at = 0; at < numbers.length;) {
        const place = locateChunk(firsts, numbers[at])
        const end = findPlace(numbers, firsts[place + 1] ?? Infinity)
        parts.push(keepMembers(numbers.slice(at, end), readChunk(place)))
        at = end
      }
      // All chunks at once: one after the other, each would cost the time of an answer.
      return (await Promise.all(parts)).flat()
    },
    /** Begin to read what `keep` will want of numbers from `low` on. */
    prefetch(low) {
      const reading = Promise.all([readDirectory(), findChunk(low).then(readChunk)])
      // Whoever needs it asks again, and is the one to hear of a fault.
      reading.catch(() => {})
    },
  }
}

async function keepMembers(numbers, chunk) {
  const members = await chunk
  return numbers.filter(number => members[findPlace(members, number)] === number)
}

/** All papers, as a list. */
export function listAll(papers) {
  return {
    count: papers,
    isExact: true,
    async * read(low = 0, high = Infinity) {
      const end = Math.min(high, papers)
      for (let at = low; at < end; at += BATCH) {
        yield Array.from({ length: Math.min(BATCH, end - at) }, (_, place) => at + place)
      }
    },
    async keep(numbers) {
      return numbers
    },
    prefetch() {},
  }
}

/** The papers that are in any of some lists. */
export function joinLists(lists) {
  if (lists.length === 1) return lists[0]
  return {
    // A paper that is in two of them counts twice: good enough to choose which list leads.
    isExact: false,
    count: lists.reduce((sum, list) => sum + list.count, 0),
    async * read(low = 0, high = Infinity) {
      const heads = await Promise.all(lists.map(async list => advance({ batches: list.read(low, high) })))
      let batch = []
      for (;;) {
        const number = Math.min(...heads.map(head => head.numbers[head.at] ?? Infinity))
        if (number === Infinity) break
        batch.push(number)
        for (const head of heads) {
          if (head.numbers[head.at] !== number) continue
          head.at += 1
          if (head.at === head.numbers.length) await advance(head)
        }
        if (batch.length === BATCH) {
          yield batch
          batch = []
        }
      }
      if (batch.length) yield batch
    },
    async keep(numbers) {
      const parts = await Promise.all(lists.map(list => list.keep(numbers)))
      const together = new Set(parts.flat())
      return numbers.filter(number => together.has(number))
    },
    prefetch(low) {
      for (const list of lists) list.prefetch(low)
    },
  }
}

/** Go to the next numbers of a list that are not empty. */
async function advance(head) {
  do {
    const { value, done } = await head.batches.next()
    head.numbers = done ? [] : value
    head.at = 0
    if (done) break
  } while (!head.numbers.length)
  return head
}

/** Give the numbers that are in every list, some at a time: the shortest list leads. */
export async function * intersectLists(lists, low, high) {
  const [shortest, ...others] = [...lists].sort((a, b) => a.count - b.count)
  for (const list of others) list.prefetch(low)
  for await (const batch of shortest.read(low, high)) {
    // A page shows twenty: a few numbers at a time touch few chunks of the other lists.
    for (let at = 0; at < batch.length; at += STEP) {
      let numbers = batch.slice(at, at + STEP)
      for (const list of others) numbers = numbers.length ? await list.keep(numbers) : numbers
      if (numbers.length) yield numbers
    }
  }
}

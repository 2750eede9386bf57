// Terms: the search index. A word leads to the papers that hold it with two requests.

import { readFile, readLines, readRange, remember, unpackText } from './bytes.js'

const MOST_BLOCKS = 12

/** Fold text into words, as flows/site/search_words.py does. */
export function splitWords(text) {
  const folded = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  return (folded.match(/[\p{L}\p{N}]+/gu) ?? []).filter(word => !/[\ud800-\udfff]/.test(word))
}

/** Give the identifier that was typed or pasted, as the index writes it. */
export function readIdentifier(text) {
  return text.trim().toLowerCase()
    .replace(/^https?:\/\/(www\.|export\.)?/, '')
    .replace(/^(huggingface\.co\/papers|arxiv\.org\/(abs|pdf|html)|(dx\.)?doi\.org)\//, '')
    .replace(/^(aclanthology\.org|github\.com|gitlab\.com)\//, '')
    .replace(/^paperswithcode\.com\/paper\//, 'pwc/')
    .replace(/[?#].*$/, '').replace(/\/$/, '').replace(/\.pdf$/, '')
    .replace(/^(\d{4}\.\d{4,5})v\d+$/, '$1')
}

function readEntry(line) {
  const [term, count, ...places] = line.split('\t')
  return { term, count: Number(count), places: places.map(Number) }
}

/** Open the index that lies in a folder. */
export function openTerms(folder) {
  const readHeads = remember(async () => JSON.parse(await unpackText(await readFile(`${folder}terms.json`))))

  readHeads().catch(() => {})

  /** Find the last block that begins with a term no larger than this one. */
  async function findBlock(term) {
    const { heads } = await readHeads()
    let low = 0
    let high = heads.length
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if (heads[middle] <= term) low = middle
      else high = middle
    }
    return low
  }

  const readBlocks = remember(async (first, last) => {
    const { offsets } = await readHeads()
    if (offsets.length === 1) return []
    const packed = await readRange(`${folder}terms.bin`, offsets[first], offsets[last + 1])
    return readLines(await unpackText(packed)).map(readEntry)
  })

  return {
    /** Find a term; nothing where no paper has it. */
    async find(term) {
      const block = await findBlock(term)
      const entries = await readBlocks(block, block)
      return entries.find(entry => entry.term === term)
    },
    /** Find the term that is a text, then those that begin with it, the most frequent first. */
    async complete(prefix, most) {
      const first = await findBlock(prefix)
      const last = Math.min(await findBlock(`${prefix}\uffff`), first + MOST_BLOCKS - 1)
      const entries = await readBlocks(first, last)
      const exact = entries.filter(entry => entry.term === prefix)
      const longer = entries.filter(entry => entry.term.startsWith(prefix) && entry.term !== prefix)
      return [...exact, ...longer.sort((a, b) => b.count - a.count).slice(0, most)]
    },
  }
}

// Cite: a paper as BibTeX, RIS and CSL-JSON.

const BIBTEX_SPECIAL = /[\\{}$&#%_^~]/g
const ESCAPES = { '\\': '\\textbackslash{}', '^': '\\textasciicircum{}', '~': '\\textasciitilde{}' }

const escapeBibtex = text => text.replace(BIBTEX_SPECIAL, sign => ESCAPES[sign] ?? `\\${sign}`)
const onOneLine = text => text.replace(/\s+/g, ' ').trim()

function splitName(name) {
  const words = onOneLine(name).split(' ')
  return { given: words.slice(0, -1).join(' '), family: words.at(-1) }
}

/** Give the address by which a paper is cited. */
function findAddress(card) {
  if (card.doi) return `https://doi.org/${card.doi}`
  if (card.arxiv_id) return `https://arxiv.org/abs/${card.arxiv_id}`
  if (card.acl_id) return `https://aclanthology.org/${card.acl_id}`
  if (card.openreview_id) return `https://openreview.net/forum?id=${card.openreview_id}`
  return null
}

/** Write a paper as BibTeX. */
export function writeBibtex(card) {
  const family = splitName(card.authors?.[0] ?? 'anonymous').family
  const word = card.title.match(/[A-Za-z]{4,}/)?.[0] ?? 'paper'
  const year = card.published?.slice(0, 4)
  const key = `${family}${year ?? ''}${word}`.normalize('NFKD').replace(/[^A-Za-z0-9]/g, '').toLowerCase()
  const fields = {
    title: `{${escapeBibtex(onOneLine(card.title))}}`,
    author: card.authors?.map(name => escapeBibtex(onOneLine(name))).join(' and '),
    year,
    journal: card.venue && escapeBibtex(onOneLine(card.venue)),
    doi: card.doi,
    eprint: card.arxiv_id,
    archiveprefix: card.arxiv_id && 'arXiv',
    url: findAddress(card),
  }
  const lines = Object.entries(fields).filter(([, value]) => value)
  const width = Math.max(...lines.map(([name]) => name.length))
  const written = lines.map(([name, value]) => `  ${name.padEnd(width)} = {${value}},`)
  return `@${card.venue ? 'article' : 'misc'}{${key || 'paper'},\n${written.join('\n')}\n}\n`
}

/** Write a paper as RIS. */
export function writeRis(card) {
  const lines = [
    ['TY', card.venue ? 'JOUR' : 'UNPB'],
    ['TI', onOneLine(card.title)],
    ...(card.authors ?? []).map(name => {
      const { given, family } = splitName(name)
      return ['AU', given ? `${family}, ${given}` : family]
    }),
    ['PY', card.published?.slice(0, 4)],
    ['DA', card.published?.replaceAll('-', '/')],
    ['JO', card.venue && onOneLine(card.venue)],
    ['DO', card.doi],
    ['UR', findAddress(card)],
    ['ER', ''],
  ]
  return lines.filter(([, value]) => value !== undefined && value !== null)
    .map(([tag, value]) => `${tag}  - ${value}\n`).join('')
}

/** Write a paper as CSL-JSON. */
export function writeCsl(card) {
  const item = {
    id: card.paper_id,
    type: card.venue ? 'article-journal' : 'article',
    title: onOneLine(card.title),
    author: card.authors?.map(splitName),
    issued: card.published && { 'date-parts': [card.published.split('-').map(Number)] },
    'container-title': card.venue,
    DOI: card.doi,
    number: card.arxiv_id && `arXiv:${card.arxiv_id}`,
    URL: findAddress(card) ?? undefined,
  }
  return `${JSON.stringify([item], null, 2)}\n`
}

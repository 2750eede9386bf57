// Site: what the pages share: the description of the site, its index and its cards.

import { readFile, remember } from './bytes.js'
import { openList } from './lists.js'
import { openRows } from './rows.js'
import { openTerms } from './terms.js'

export const DATA = 'data/'

/** Read what `open-papers site` wrote about the site. */
export const readSite = remember(async () => {
  const description = JSON.parse(new TextDecoder().decode(await readFile('site.json')))
  return {
    ...description,
    terms: openTerms(DATA),
    cards: openCards(description.sizes.card),
    openEntry: entry => openList(DATA, entry, description.sizes.chunk),
  }
})

/** Open the cards of all papers. */
function openCards(size) {
  const rows = openRows(`${DATA}cards.bin`, size)
  const readRows = async numbers => (await rows.readRows(numbers)).map(expandCard)
  return { readRows, readRow: async number => (await readRows([number]))[0] }
}

/** Fill in what flows/site/build.py leaves out of a card because it follows from the rest. */
function expandCard({ places: flat = [], ...card }) {
  const [source, name] = card.paper_id.split(':')
  const places = []
  for (let at = 0; at < flat.length; at += 3) {
    places.push([flat[at], at ? flat[1] + flat[at + 1] : flat[1], flat[at + 2]])
  }
  return { arxiv_id: source === 'arxiv' ? name : undefined, ...card, places }
}

/** Write a number for people. The browser's own way loads the customs of all languages first. */
export const writeNumber = number => String(number).replace(/\B(?=(\d{3})+$)/g, ',')

/** Write a topic for people. */
export const nameTopic = topic => topic.replaceAll('-', ' ')

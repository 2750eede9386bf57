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
    cards: openRows(`${DATA}cards.bin`, description.sizes.card),
    openEntry: entry => openList(DATA, entry, description.sizes.chunk),
  }
})

/** Write a number for people. The browser's own way loads the customs of all languages first. */
export const writeNumber = number => String(number).replace(/\B(?=(\d{3})+$)/g, ',')

/** Write a topic for people. */
export const nameTopic = topic => topic.replaceAll('-', ' ')

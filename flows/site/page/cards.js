// Cards: papers as lists show them.

import { make, makePaperLink } from './dom.js'
import { writeNumber } from './site.js'

const AUTHORS = 4

/** Name the first authors and count the rest. */
export function shortenAuthors(authors = []) {
  const rest = authors.length - AUTHORS
  const shown = authors.slice(0, AUTHORS).join(', ')
  return rest > 0 ? `${shown} and ${rest} more` : shown
}

/** Say how many votes a paper has. */
export const countVotes = votes => `${writeNumber(votes)} ${votes === 1 ? 'upvote' : 'upvotes'}`

/** Show the paper with a number in a list. */
export function showCard(card, number) {
  const facts = [
    card.published ?? 'no date',
    card.venue ? make('bdi', {}, card.venue) : null,
    card.upvotes ? countVotes(card.upvotes) : null,
  ].filter(Boolean).flatMap((fact, at) => at ? [' · ', fact] : [fact])
  return make('article', {},
    make('h3', {}, makePaperLink(card.paper_id, card.title, number)),
    card.authors ? make('p', { class: 'authors' }, shortenAuthors(card.authors)) : null,
    make('p', { class: 'facts' }, facts,
      card.code_url || card.has_own_code
        ? make('span', { class: 'tag' }, card.has_own_code ? 'own code' : 'code') : null,
      card.is_withdrawn ? make('span', { class: 'tag bad' }, 'withdrawn') : null,
      card.is_retracted ? make('span', { class: 'tag bad' }, 'retracted') : null))
}

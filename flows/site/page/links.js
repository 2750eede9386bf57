// Links: what a paper leads to, whose it is, whether it answers, and where the sources say so.

import { make, makeLink, readAddress } from './dom.js'

const LINK_COLUMNS = ['url', 'kind', 'repo', 'availability', 'license', 'role']
const SENTENCE_COLUMNS = ['url', 'moved_from', 'mentions', 'role', 'role_words', 'availability']

/** Show the links of a paper by kind; their sentences are read when somebody wants them. */
export async function fillLinks(site, place, card, details) {
  const links = await details.read('links', LINK_COLUMNS)
  if (!links.length) {
    place.replaceChildren(make('h2', {}, 'Links'), make('p', { class: 'quiet' }, 'No link was found.'))
    return
  }
  const kinds = Object.keys(site.meanings.kind).filter(kind => links.some(link => link.kind === kind))
  const lists = kinds.map(kind => [
    make('h3', {}, kind, make('span', { class: 'quiet' }, ` ${site.meanings.kind[kind]}`)),
    make('ul', { class: 'links' }, links.filter(link => link.kind === kind).map(link => showLink(site, link, card))),
  ])
  const sentences = make('details', {}, make('summary', {}, 'Where these links stand in the sources'))
  sentences.addEventListener('toggle', async () => {
    if (!sentences.open || sentences.dataset.filled) return
    sentences.dataset.filled = 'yes'
    const rows = await details.read('links', SENTENCE_COLUMNS)
    sentences.append(...rows.map(row => showMentions(site, row, card)))
  })
  place.replaceChildren(make('h2', {}, 'Links'), ...lists.flat(), sentences)
}

function showLink(site, link, card) {
  const notes = [
    [link.role === 'unknown' ? 'role unknown' : link.role, site.meanings.role[link.role]],
    // Most things are there: what is said of them all tells nothing.
    [link.availability === 'available' ? null : link.availability, site.meanings.availability[link.availability]],
    [link.license === 'CC0-1.0' ? null : link.license, 'the licence of this row'],
  ].filter(([note]) => note)
  return make('li', {}, makeLink(link.url, link.repo ? `${link.repo}` : link.url),
    link.repo && readAddress(link.url) ? make('span', { class: 'quiet' }, ` ${new URL(link.url).host}`) : null,
    notes.map(([note, title]) => make('span', { class: 'tag', title }, note)),
    showHealth(site, findCheck(card, link)))
}

function findCheck(card, link) {
  return (card.checks ?? []).find(check => check.url === link.url)
}

/** Show what came of asking for a link, where it was ever asked for. */
function showHealth(site, check) {
  if (!check) return null
  return make('span', { class: check.status === 'alive' ? 'tag' : 'tag bad', title: site.meanings.status[check.status] },
    describeHealth(check))
}

function describeHealth(check) {
  const before = check.status !== 'alive' && check.last_seen ? `, answered last on ${check.last_seen}` : ''
  return `${check.status} on ${check.checked_at}${before}`
}

function showMentions(site, link, card) {
  const check = findCheck(card, link)
  const explain = (vocabulary, value) => value && `${value}: ${site.meanings[vocabulary][value]}`
  const facts = [
    ['role', explain('role', link.role)],
    ['read from', link.role_words && make('q', {}, link.role_words)],
    ['availability', explain('availability', link.availability)],
    ['health', check ? describeHealth(check) : 'nobody has asked yet whether it answers'],
    ['was before', (link.moved_from ?? []).join(', ')],
  ].filter(([, fact]) => fact)
  return make('div', { class: 'mentions' },
    make('h4', {}, link.url),
    make('dl', {}, facts.map(([name, fact]) => [make('dt', {}, name), make('dd', {}, fact)])),
    make('ul', {}, (link.mentions ?? []).map(mention => make('li', {},
      mention.sentence ? make('q', {}, mention.sentence) : make('span', {}, mention.written),
      make('span', { class: 'quiet' }, ` ${mention.field} of ${mention.record_id}`)))))
}

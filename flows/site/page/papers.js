// Papers: search as you type, and lists by topic, year, code, venue and language.

import { showCard } from './cards.js'
import { announce, make, showFault } from './dom.js'
import { intersectLists, joinLists, listAll } from './lists.js'
import { nameTopic, readSite, writeNumber } from './site.js'
import { readIdentifier, splitWords } from './terms.js'

const PAGE = 20
/** As many connections as a browser opens. */
const FIRST = 6
const COMPLETIONS = 6
const SHORTEST_PREFIX = 2
const PAUSE = 90
const FILTERS = ['q', 'topic', 'year', 'code', 'venue', 'language']

const app = document.querySelector('#app')
let turn = 0

start().catch(error => showFault(app, error))

async function start() {
  const site = await readSite()
  const form = makeForm(site)
  const results = make('div', { class: 'results' })
  const heading = make('h1', {}, 'Search')
  app.append(
    heading,
    form,
    make('p', { id: 'status', role: 'status', class: 'facts' }),
    results)
  const show = () => {
    showHeading(site, heading, readForm(form))
    return showResults(site, readForm(form), results).catch(error => showFault(results, error))
  }
  let waiting
  form.addEventListener('input', event => {
    clearTimeout(waiting)
    waiting = setTimeout(() => {
      writeAddress(readForm(form), event.target.name === 'q')
      show()
    }, event.target.name === 'q' ? PAUSE : 0)
  })
  form.addEventListener('submit', event => {
    event.preventDefault()
    writeAddress(readForm(form), true)
    show()
  })
  window.addEventListener('popstate', () => {
    fillForm(form)
    show()
  })
  fillForm(form)
  await show()
}

/** A list of one topic has its name, and a feed. */
function showHeading(site, heading, { q, topic }) {
  const [facet, name] = topic.split('/')
  // An address may name anything, `constructor` among it.
  const isTopic = Object.hasOwn(site.facets, facet) && site.facets[facet].some(([label]) => label === name)
  const text = isTopic && !q ? nameTopic(name) : 'Search'
  document.title = `${text} · Open Papers`
  heading.replaceChildren(text)
  if (isTopic && !q) {
    const address = `feeds/${encodeURIComponent(facet)}/${encodeURIComponent(name)}.xml`
    heading.append(' ', make('a', { href: address, class: 'feed' }, 'feed'))
  }
}

/** Make the field and the filters. */
function makeForm(site) {
  const facets = Object.entries(site.facets).filter(([, topics]) => topics.length)
  const label = (text, control) => make('label', {}, make('span', {}, text), control)
  const choice = (name, options) => make('select', { name }, make('option', { value: '' }, 'any'), options)
  return make('form', { role: 'search', class: 'search', action: 'papers.html', method: 'get' },
    make('label', { for: 'q' }, 'Search titles, authors, ids and repositories'),
    make('div', { class: 'field' },
      make('input', { id: 'q', name: 'q', type: 'search', autocomplete: 'off', spellcheck: 'false' }),
      make('button', { type: 'submit' }, 'Search')),
    make('fieldset', { class: 'filters' },
      make('legend', {}, 'Only papers with'),
      label('Topic', choice('topic', facets.map(([facet, topics]) =>
        make('optgroup', { label: facet }, topics.map(([topic, papers]) =>
          make('option', { value: `${facet}/${topic}` }, `${nameTopic(topic)} (${writeNumber(papers)})`)))))),
      label('Year', choice('year', site.years.map(([year, , papers]) =>
        make('option', { value: year }, `${year} (${writeNumber(papers)})`)))),
      label('Code', choice('code', [
        make('option', { value: 'any' }, 'has code'),
        make('option', { value: 'own' }, 'own code')])),
      label('Venue', choice('venue', site.venues.map(([venue, papers]) =>
        make('option', { value: venue }, `${venue.slice(0, 80)} (${writeNumber(papers)})`)))),
      label('Language', choice('language', site.facets.language.map(([topic, papers]) =>
        make('option', { value: topic }, `${nameTopic(topic)} (${writeNumber(papers)})`))))))
}

function readForm(form) {
  return Object.fromEntries(FILTERS.map(name => [name, form.elements[name].value.trim()]))
}

/** Let the fields say what the address says. */
function fillForm(form) {
  const address = new URLSearchParams(location.search)
  for (const name of FILTERS) {
    const control = form.elements[name]
    const value = address.get(name) ?? ''
    // A link may name a venue or topic that the choice does not list: it is still a filter.
    if (control.tagName === 'SELECT' && ![...control.options].some(option => option.value === value)) {
      control.append(make('option', { value }, value))
    }
    control.value = value
  }
}

/** Let the address say what the fields say, so that it can be kept and sent. */
function writeAddress(query, isTyping) {
  const address = new URLSearchParams(Object.entries(query).filter(([, value]) => value))
  const target = `papers.html${address.size ? `?${address}` : ''}`
  history[isTyping ? 'replaceState' : 'pushState'](null, '', target)
}

async function showResults(site, query, place) {
  const now = ++turn
  const { batches, total } = await findPapers(site, query)
  const list = make('ol', { class: 'papers' })
  const more = make('button', { type: 'button', class: 'more', hidden: true }, 'Show more')
  let shown = 0
  const showMore = async () => {
    const { numbers, isLast } = await takeNumbers(batches, PAGE)
    // All are asked for at once, and the first are shown while the others are on their way.
    const parts = [numbers.slice(0, FIRST), numbers.slice(FIRST)]
    const reading = parts.map(async part => part.length ? site.cards.readRows(part) : [])
    // Where both fail, the first says so.
    for (const answer of reading) answer.catch(() => {})
    for (const [at, part] of parts.entries()) {
      const cards = await reading[at]
      // Somebody has typed on: these papers answer a question that is no longer there.
      if (now !== turn) return
      const items = cards.map((card, place) => make('li', {}, showCard(card, part[place])))
      list.append(...items)
      if (shown && !at) items[0]?.querySelector('a').focus()
      if (!at) place.replaceChildren(list, more)
    }
    shown += numbers.length
    more.hidden = isLast
    announce(describeCount(shown, isLast ? shown : total))
  }
  more.addEventListener('click', () => showMore().catch(error => showFault(place, error)))
  await showMore()
}

function describeCount(shown, total) {
  if (!shown) return 'No paper fits. Try fewer words, or take a filter out.'
  if (total === shown) return `${writeNumber(shown)} ${shown === 1 ? 'paper' : 'papers'}`
  return total ? `${writeNumber(shown)} of ${writeNumber(total)} papers, newest first` : `The first ${writeNumber(shown)} papers`
}

/** Find papers: those of an identifier, those whose title begins so, those that have every word. */
async function findPapers(site, query) {
  const words = splitWords(query.q)
  const [filters, lists, first] = await Promise.all([
    openFilters(site, query), openWords(site, words), query.q ? findFirst(site, query.q, words) : []])
  if (!filters) return { batches: emptyBatches(), total: 0 }
  const [low, high] = readYear(site, query.year)
  const everything = lists ? [...lists, ...filters] : null
  const all = everything?.length ? everything : [listAll(site.papers)]
  const isFitting = async numbers => {
    let fitting = numbers.filter(number => number >= low && number < high)
    for (const list of filters) fitting = await list.keep(fitting)
    return fitting
  }
  const head = await isFitting(first)
  const isWhole = everything && all.length === 1 && all[0].isExact && !query.year && !first.length
  const total = isWhole ? all[0].count : null
  return { batches: chainBatches(head, everything ? intersectLists(all, low, high) : emptyBatches()), total }
}

/** Find what is named outright: an identifier, or the beginning of a title. */
async function findFirst(site, text, words) {
  const [identifier, titles] = await Promise.all([
    site.terms.find(`id:${readIdentifier(text)}`),
    words.length > 1 ? site.terms.complete(`=${words.slice(0, 10).join(' ')}`, PAGE) : []])
  const entries = [identifier, ...titles].filter(Boolean)
  const numbers = await Promise.all(entries.map(async entry => {
    for await (const batch of site.openEntry(entry).read()) return batch
    return []
  }))
  return [...new Set(numbers.flat())].slice(0, PAGE)
}

/** Open the lists of words; the last may be the beginning of one. Null where a word is in no paper. */
async function openWords(site, words) {
  const entries = await Promise.all(words.map(async (word, place) => {
    const isLast = place === words.length - 1
    if (!isLast || word.length < SHORTEST_PREFIX) return [await site.terms.find(word)]
    return site.terms.complete(word, COMPLETIONS)
  }))
  const open = entries.map(choices => choices.filter(Boolean).map(site.openEntry))
  return open.every(choices => choices.length) ? open.map(joinLists) : null
}

/** Open the lists of the filters; null where no paper can fit. */
async function openFilters(site, query) {
  const terms = []
  if (query.topic) terms.push(`topic:${query.topic}`)
  if (query.language) terms.push(`topic:language/${query.language}`)
  if (query.venue) terms.push(`venue:${query.venue}`)
  if (query.code) terms.push(query.code === 'own' ? 'has:own_code' : 'has:code')
  const entries = await Promise.all(terms.map(term => site.terms.find(term)))
  return entries.every(Boolean) ? entries.map(site.openEntry) : null
}

/** Papers are numbered by day, newest first, so that those of a year are neighbours. */
function readYear(site, year) {
  if (!year) return [0, Infinity]
  const range = site.years.find(([name]) => String(name) === year)
  return range ? [range[1], range[1] + range[2]] : [0, 0]
}

async function * emptyBatches() {}

/** Give some numbers first, and the others without these. */
async function * chainBatches(head, batches) {
  if (head.length) yield head
  const seen = new Set(head)
  for await (const numbers of batches) yield numbers.filter(number => !seen.has(number))
}

/** Take so many numbers; what a batch has more waits for the next time. */
async function takeNumbers(batches, most) {
  batches.rest ??= []
  let isLast = false
  while (batches.rest.length <= most && !isLast) {
    const { value, done } = await batches.next()
    isLast = Boolean(done)
    if (value) batches.rest.push(...value)
  }
  const numbers = batches.rest.splice(0, most)
  return { numbers, isLast: isLast && !batches.rest.length }
}

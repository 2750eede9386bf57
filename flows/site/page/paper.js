// Paper: everything that the dataset says about one paper, and why.

import { countVotes } from './cards.js'
import { writeBibtex, writeCsl, writeRis } from './cite.js'
import { openDetails } from './details.js'
import { announce, make, makeLink, makePaperLink, showFault } from './dom.js'
import { fillLinks } from './links.js'
import { markLinks, markTopics, showMarked } from './marks.js'
import { DATA, nameTopic, readSite } from './site.js'

const MANY_AUTHORS = 30
const TOPIC_COLUMNS = ['facet', 'topic', 'role', 'score', 'is_assigned']
const ORIGIN_COLUMNS = ['record_id', 'source', 'snapshot', 'file', 'line', 'source_id', 'title', 'rule', 'score', 'matched_record_id', 'license', 'arxiv_id', 'updated', 'upvotes']

const app = document.querySelector('#app')

start().catch(error => showFault(app, error))

async function start() {
  const paperId = new URLSearchParams(location.search).get('id') ?? ''
  const rows = openDetails(DATA)
  const site = await readSite()
  const [number, card] = await readNumbered(site, paperId) ?? await findPaper(site, paperId) ?? []
  if (!card) return showMissing(paperId)
  document.title = `${card.title} · Open Papers`
  const details = { read: (table, columns) => rows.read(site, { card, number }, table, columns) }
  showPaper(site, card, details)
}

/** Read the paper whose number the address holds; nothing where it is that of another release. */
async function readNumbered(site, paperId) {
  const number = Number(location.hash.slice(1) || NaN)
  if (!(Number.isInteger(number) && number >= 0 && number < site.papers)) return null
  // What people copy from the address line should name the paper and nothing else.
  history.replaceState(null, '', location.pathname + location.search)
  const card = await site.cards.readRow(number)
  return card.paper_id === paperId ? [number, card] : null
}

/** Find a paper by its id, or by one that it once had. */
async function findPaper(site, paperId) {
  const entry = await site.terms.find(`id:${paperId.toLowerCase()}`)
  if (!entry) return null
  for await (const [number] of site.openEntry(entry).read()) return [number, await site.cards.readRow(number)]
}

function showMissing(paperId) {
  app.replaceChildren(
    make('h1', {}, 'No such paper'),
    make('p', {}, paperId ? `This release has no paper with the id ${paperId}. ` : 'The address names no paper. ',
      make('a', { href: 'papers.html' }, 'Search for it')))
}

function showPaper(site, card, details) {
  const title = make('h1', {}, card.title)
  const sections = {
    abstract: make('section', { class: 'abstract' }, make('h2', {}, 'Abstract'), make('p', { class: 'quiet' }, 'Reading …')),
    links: make('section', {}, make('h2', {}, 'Links'), make('p', { class: 'quiet' }, 'Reading …')),
    topics: make('section', {}, make('h2', {}, 'Topics'), make('p', { class: 'quiet' }, 'Reading …')),
    changes: make('section', { hidden: true }),
  }
  app.replaceChildren(
    title,
    showAuthors(card),
    showFacts(card),
    showIdentifiers(card),
    make('p', { id: 'status', role: 'status', class: 'unseen' }),
    sections.abstract, sections.links, sections.topics, sections.changes,
    showHistory(details),
    showOrigins(site, card, details),
    showCitations(card),
    showReport(card))
  const fill = (place, filling) => filling.catch(error => showFault(place, error))
  fill(sections.abstract, fillAbstract(sections.abstract, title, card, details))
  fill(sections.links, fillLinks(site, sections.links, card, details))
  fill(sections.topics, fillTopics(sections.topics, details))
  fill(sections.changes, fillChanges(site, sections.changes, details))
}

function showAuthors(card) {
  const authors = card.authors ?? []
  if (!authors.length) return make('p', { class: 'quiet' }, 'No source names its authors.')
  const link = name => make('a', { href: `papers.html?q=${encodeURIComponent(name)}` }, name)
  const names = authors.slice(0, MANY_AUTHORS).flatMap((name, place) => [place ? ', ' : '', link(name)])
  const rest = authors.length - MANY_AUTHORS
  return make('p', { class: 'authors' }, names, rest > 0 ? ` and ${rest} more` : '')
}

function showFacts(card) {
  const venue = card.venue && make('a', { href: `papers.html?venue=${encodeURIComponent(card.venue)}` }, card.venue)
  return make('p', { class: 'facts' },
    make('span', {}, card.published ?? 'no date'),
    venue ? [' · ', venue] : '',
    card.upvotes ? ` · ${countVotes(card.upvotes)}` : '',
    ` · ${card.license}`,
    card.is_withdrawn ? make('span', { class: 'tag bad' }, 'withdrawn') : null,
    card.is_retracted ? make('span', { class: 'tag bad' }, 'retracted') : null)
}

function showIdentifiers(card) {
  const path = text => text.split('/').map(encodeURIComponent).join('/')
  const names = [
    ['arXiv', card.arxiv_id, id => `https://arxiv.org/abs/${path(id)}`],
    ['Hugging Face', card.arxiv_id, id => `https://huggingface.co/papers/${path(id)}`],
    ['DOI', card.doi, id => `https://doi.org/${path(id)}`],
    ['ACL Anthology', card.acl_id, id => `https://aclanthology.org/${path(id)}`],
    ['OpenReview', card.openreview_id, id => `https://openreview.net/forum?id=${encodeURIComponent(id)}`],
  ].filter(([, id]) => id)
  return make('ul', { class: 'row ids', 'aria-label': 'Identifiers' },
    make('li', {}, make('code', {}, card.paper_id)),
    names.map(([name, id, address]) => make('li', {}, makeLink(address(id), `${name}: ${id}`))))
}

async function fillAbstract(place, title, card, details) {
  const [paper] = await details.read('papers', ['abstract'])
  const abstract = paper?.abstract
  if (!abstract) {
    place.replaceChildren(make('h2', {}, 'Abstract'), make('p', { class: 'quiet' }, 'No source has an abstract.'))
    return
  }
  const text = make('p', {}, abstract)
  const box = make('input', {
    type: 'checkbox',
    change: () => mark(box.checked).catch(error => showFault(place, error)),
  })
  async function mark(isWanted) {
    if (!isWanted) {
      text.replaceChildren(abstract)
      title.replaceChildren(card.title)
      return
    }
    const [topics, links] = await Promise.all([
      details.read('topics', ['facet', 'topic', 'is_assigned', 'evidence']),
      details.read('links', ['url', 'kind', 'mentions'])])
    text.replaceChildren(...showMarked(abstract, [...markTopics(topics, 'abstract'), ...markLinks(links, abstract)]))
    title.replaceChildren(...showMarked(card.title, markTopics(topics, 'title')))
    announce('Words that earned topics, and links, are marked.')
  }
  place.replaceChildren(make('h2', {}, 'Abstract'), text,
    make('label', { class: 'switch' }, box, ' Mark the words that earned topics, and links'))
}

async function fillTopics(place, details) {
  const topics = (await details.read('topics', TOPIC_COLUMNS)).filter(label => label.topic !== 'none')
  const sorted = topics.sort((a, b) => b.score - a.score)
  const assigned = sorted.filter(topic => topic.is_assigned)
  const unassigned = sorted.filter(topic => !topic.is_assigned)
  const show = rows => make('ul', { class: 'row' }, rows.map(topic => make('li', {},
    make('a', { href: `papers.html?topic=${topic.facet}/${encodeURIComponent(topic.topic)}`, class: 'chip' },
      make('span', { class: 'quiet' }, `${topic.facet} `), nameTopic(topic.topic),
      make('span', { class: 'count' }, ` ${topic.score.toFixed(2)}`)))))
  place.replaceChildren(make('h2', {}, 'Topics'),
    assigned.length ? show(assigned) : make('p', { class: 'quiet' }, 'No topic was assigned.'),
    ...(unassigned.length ? [make('details', {}, make('summary', {}, `${unassigned.length} with a score below their facet's threshold`), show(unassigned))] : []))
}

async function fillChanges(site, place, details) {
  const [change] = await details.read('changes', ['change', 'columns', 'into', 'reason'])
  if (!change) return
  place.hidden = false
  place.replaceChildren(make('h2', {}, 'Since the release before'),
    make('p', {}, `${change.change}: ${site.meanings.change[change.change]}`,
      change.columns.length ? ` (${change.columns.join(', ')})` : '', '.',
      change.reason ? ` ${change.reason}` : '',
      change.into ? [' ', makePaperLink(change.into, change.into)] : ''))
}

function showHistory(details) {
  const place = make('details', { class: 'section' }, make('summary', {}, make('h2', {}, 'Versions and votes')))
  place.addEventListener('toggle', async () => {
    if (!place.open || place.dataset.filled) return
    place.dataset.filled = 'yes'
    const [paper] = await details.read('papers', ['version_days', 'votes'])
    const versions = (paper?.version_days ?? []).map((day, at) => make('li', {}, `v${at + 1}: ${day}`))
    const votes = (paper?.votes ?? []).map(vote => make('li', {}, `${vote.day}: ${countVotes(vote.upvotes)}`))
    place.append(
      make('h3', {}, 'Versions at arXiv'),
      versions.length ? make('ul', { class: 'row history' }, versions) : make('p', { class: 'quiet' }, 'No source lists them.'),
      make('h3', {}, 'Votes, by the day on which they were seen'),
      votes.length ? make('ul', { class: 'row history' }, votes) : make('p', { class: 'quiet' }, 'No source counts any.'))
  })
  return place
}

function showOrigins(site, card, details) {
  const place = make('details', { class: 'section' }, make('summary', {}, make('h2', {}, 'Why these records are one paper')))
  place.addEventListener('toggle', async () => {
    if (!place.open || place.dataset.filled) return
    place.dataset.filled = 'yes'
    const origins = await details.read('origins', ORIGIN_COLUMNS)
    place.append(
      make('p', { class: 'quiet' }, origins.length === 1
        ? 'This paper has one record, which was matched with no other.'
        : `${origins.length} records, each with the rule by which it joined the paper.`),
      make('ul', { class: 'records' }, origins.map(origin => showOrigin(site, origin))))
  })
  return place
}

function showOrigin(site, origin) {
  const facts = [
    ['rule', `${origin.rule}: ${site.meanings.rule[origin.rule] ?? ''}`],
    ['score', origin.score.toFixed(2)],
    ['matched with', origin.matched_record_id],
    ['source', `${origin.source}, snapshot of ${origin.snapshot}${origin.source_id ? `, as ${origin.source_id}` : ''}`],
    ['place', `${origin.line} in ${origin.file}`],
    ['as written', origin.title],
    ['version', origin.arxiv_id && `${origin.arxiv_id}${origin.updated ? `, the newest of ${origin.updated}` : ''}`],
    ['votes', origin.upvotes === null || origin.upvotes === undefined ? null : `${countVotes(origin.upvotes)} on ${origin.snapshot}`],
    ['licence', origin.license],
  ].filter(([, text]) => text)
  return make('li', {}, make('p', {}, make('code', {}, origin.record_id)),
    make('dl', {}, facts.map(([name, text]) => [make('dt', {}, name), make('dd', {}, text)])))
}

function showCitations(card) {
  const forms = [['BibTeX', writeBibtex], ['RIS', writeRis], ['CSL-JSON', writeCsl]]
  return make('details', { class: 'section' }, make('summary', {}, make('h2', {}, 'Cite')),
    forms.map(([name, write]) => [make('h3', {}, name), showCopied(write(card), name)]))
}

function showCopied(text, name) {
  const button = make('button', {
    type: 'button',
    click: async () => {
      try {
        await navigator.clipboard.writeText(text)
        button.textContent = 'Copied'
      } catch {
        // A browser may refuse, and has no clipboard at all on a page without encryption.
        getSelection().selectAllChildren(shown)
        button.textContent = 'Selected: copy it with Ctrl+C'
      }
      announce(`${name}: ${button.textContent}.`)
    },
  }, `Copy ${name}`)
  const shown = make('pre', { tabindex: '0' }, text)
  return make('div', { class: 'copied' }, shown, button)
}

/** Write a cell of CSV. */
function writeCell(text) {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

function showReport(card) {
  const day = new Date().toISOString().slice(0, 10)
  const removal = [card.paper_id, day, ''].map(writeCell).join(',')
  const judgement = [card.paper_id, 'THE OTHER RECORD', 'different', 'WHY', 'YOU', day].map(writeCell).join(',')
  return make('details', { class: 'section' }, make('summary', {}, make('h2', {}, 'Report a mistake')),
    make('p', {}, `Send one of these lines to the maintainers, under "Community" on the dataset's page.`),
    make('h3', {}, 'Two papers are shown as one, or one as two'),
    make('p', {}, 'For data/curation/judgements.csv: name the other record, write "same" or "different", and why.'),
    showCopied(`${judgement}\n`, 'judgement'),
    make('h3', {}, 'The paper should be left out'),
    make('p', {}, 'For data/curation/removals.csv. Authors need give no reason.'),
    showCopied(`${removal}\n`, 'removal'))
}

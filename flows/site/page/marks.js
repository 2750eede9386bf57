// Marks: words of a text that earned a topic, and links that stand in it.

import { make } from './dom.js'

/** Show text with some of its characters marked. `marks` have `start`, `end`, `title` and `kind`. */
export function showMarked(text, marks) {
  // Offsets of the dataset count characters; a string of JavaScript counts UTF-16 units.
  const characters = Array.from(text)
  const sorted = [...marks].sort((a, b) => a.start - b.start || b.end - a.end)
  const parts = []
  let at = 0
  for (const mark of sorted) {
    if (mark.start < at || mark.end > characters.length) continue
    parts.push(characters.slice(at, mark.start).join(''))
    parts.push(make('mark', { class: mark.kind, title: mark.title }, characters.slice(mark.start, mark.end).join('')))
    at = mark.end
  }
  parts.push(characters.slice(at).join(''))
  return parts
}

/** Find the words of a field that earned assigned topics. */
export function markTopics(topics, field) {
  const marks = new Map()
  for (const { facet, topic, is_assigned: isAssigned, evidence } of topics) {
    if (!isAssigned) continue
    for (const piece of evidence ?? []) {
      if (piece.field !== field || piece.start === null || piece.start === undefined) continue
      const key = `${piece.start}-${piece.end}`
      const names = marks.get(key)?.names ?? []
      marks.set(key, { start: piece.start, end: piece.end, kind: 'topic', names: [...names, `${facet}: ${topic}`] })
    }
  }
  return [...marks.values()].map(mark => ({ ...mark, title: mark.names.join(', ') }))
}

/** Find where links stand in a text, as they were written. */
export function markLinks(links, text) {
  const marks = []
  for (const link of links) {
    for (const written of new Set([link.url, ...(link.mentions ?? []).map(mention => mention.written)])) {
      const unit = written ? text.indexOf(written) : -1
      if (unit < 0) continue
      const start = Array.from(text.slice(0, unit)).length
      marks.push({ start, end: start + Array.from(written).length, kind: 'link', title: link.kind })
      break
    }
  }
  return marks
}

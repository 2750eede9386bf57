// DOM: elements whose texts are texts, whatever they hold. Nothing here reads text as HTML.

/** Make an element. `properties` are attributes; functions are listeners; children may be null. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue
    if (typeof value === 'function') element.addEventListener(name, value)
    else element.setAttribute(name, value === true ? '' : String(value))
  }
  element.append(...children.flat(Infinity).filter(child => child !== null && child !== undefined && child !== false && child !== ''))
  return element
}

/** Give an address back where a browser may follow it: only that of the web. */
export function readAddress(text) {
  try {
    const address = new URL(text)
    return ['http:', 'https:'].includes(address.protocol) ? address.href : null
  } catch {
    return null
  }
}

/** Make a link to another site; text alone where the address is none of the web. */
export function makeLink(address, text) {
  const safe = readAddress(address)
  return safe ? make('a', { href: safe, rel: 'noopener noreferrer nofollow' }, text) : make('span', {}, text)
}

/** Make the link to the page of a paper. Its number, where it is known, saves the page a look-up. */
export function makePaperLink(paperId, text, number) {
  const address = `paper.html?id=${encodeURIComponent(paperId)}`
  return make('a', { href: number === undefined ? address : `${address}#${number}` }, text)
}

/** Say to those who cannot see the page what has changed. */
export function announce(text) {
  const place = document.querySelector('#status')
  if (place) place.textContent = text
}

/** Show that something went wrong, and what to do. */
export function showFault(place, error) {
  place.replaceChildren(make('p', { class: 'note', role: 'alert' },
    `This could not be read: ${error.message}. Reload the page to try again.`))
}

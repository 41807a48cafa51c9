// The page works without this: the form is sent and a new page comes. With it, the answer of that new page is added to the
// conversation. What is typed is shown here and sent; it is kept nowhere.

import { wipe } from './wipe.mjs'

const SECONDS = 8
const SECONDS_TO_ASK_WHETHER_IT_LIVES = 2
const SECONDS_BEFORE_SAYING_SO = 0.5

const log = document.getElementById('log')
const form = document.getElementById('say')
const text = document.getElementById('text')
const send = form.querySelector('.send')
const status = document.getElementById('status')
const problem = document.getElementById('problem')
let waiting = false
let byItself = false

form.addEventListener('submit', (event) => {
  // An old browser does not say which button was pressed, so it sends the form itself.
  if (byItself || !('submitter' in event)) return
  event.preventDefault()
  if (!waiting) take(event.submitter?.name === 'choice' ? event.submitter : null)
})

text.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
    event.preventDefault()
    send.click()
  }
})

// The bar is as high as its words need.
if ('ResizeObserver' in window) {
  const bar = document.querySelector('.bar')
  new ResizeObserver(() => document.documentElement.style.setProperty('--bar', `${bar.offsetHeight}px`)).observe(bar)
}

// Which of the places shown were used is counted, without words. Leaving quickly is not.
document.addEventListener('click', (event) => {
  const pointer = event.target.closest('[data-pointer]')?.dataset.pointer
  const conversation = form.elements.conversation.value
  if (pointer && conversation) navigator.sendBeacon?.('/opened', new URLSearchParams({ conversation, pointer }))
})

/** Take a turn: with a choice that was pressed, or else with what was typed. */
async function take(pressed) {
  const fields = new URLSearchParams(new FormData(form))
  if (pressed) fields.set('choice', pressed.value)
  const mine = pressed ? pressed.textContent : text.value.trim()
  const choices = form.querySelector('.choices')
  const late = new AbortController()
  const timers = [setTimeout(() => late.abort(), SECONDS * 1e3), setTimeout(sayWaiting, SECONDS_BEFORE_SAYING_SO * 1e3)]
  setWaiting(pressed, true)
  try {
    const response = await fetch(form.action, {
      method: 'POST',
      body: fields,
      headers: { Accept: 'text/html' },
      cache: 'no-store',
      credentials: 'omit',
      signal: late.signal,
    })
    const page = new DOMParser().parseFromString(await response.text(), 'text/html')
    if (choices.isConnected) show(page, page.getElementById('answer'), mine, pressed, response.ok)
  } catch {
    if (!choices.isConnected) return // it was wiped meanwhile
    if (late.signal.aborted || !(await isReachable())) showUnreachable()
    else sendByItself(pressed)
  } finally {
    timers.forEach(clearTimeout)
    setWaiting(pressed, false)
  }
}

/** Whether the server can be reached at all. Where it can't, a form that sends itself would lose the page and its numbers. */
async function isReachable() {
  try {
    return (await fetch('/health/live', { cache: 'no-store', signal: AbortSignal.timeout(SECONDS_TO_ASK_WHETHER_IT_LIVES * 1e3) })).ok
  } catch {
    return false
  }
}

/** Let the browser send the form, as without this script: an extension or an old proxy may be in the way of `fetch`. */
function sendByItself(pressed) {
  byItself = true
  form.requestSubmit(pressed ?? send)
}

/** Add an answer. Throws where there is none, as when it is not our server that answers. */
function show(page, answer, mine, pressed, ok) {
  answer.removeAttribute('id')
  if (pressed?.value === 'restart') log.textContent = ''
  forgetUnreachable()
  const line = mine && ok ? lineOf(pressed ? log.dataset.chose : log.dataset.wrote, mine) : ''
  log.append(line, answer)
  form.querySelector('.choices').replaceWith(page.querySelector('.choices'))
  form.elements.conversation.value = page.querySelector('input[name=conversation]').value || form.elements.conversation.value
  if (ok) text.value = ''
  problem.textContent = ok ? '' : problem.dataset.notSent
  const hours = page.querySelector('.hours')
  if (hours) document.querySelector('.hours')?.replaceWith(hours)
  const place = line || answer
  place.tabIndex = -1
  if (pressed) place.focus({ preventScroll: true }) // where the button was, there is this now
  place.scrollIntoView()
}

/** A line that says what was chosen or written. */
function lineOf(label, mine) {
  const line = document.createElement('p')
  const who = document.createElement('span')
  line.className = 'mine'
  who.className = 'who'
  who.textContent = label
  line.append(who, ' ', mine)
  return line
}

/** Show what was on the page from the start: how to reach the helpline without us. What was typed stays to be sent again. */
function showUnreachable() {
  forgetUnreachable()
  log.append(document.getElementById('unreachable').content.cloneNode(true))
  log.lastElementChild.dataset.unreachable = ''
  log.lastElementChild.scrollIntoView()
  problem.textContent = text.value.trim() ? problem.dataset.notSent : ''
}

function forgetUnreachable() {
  log.querySelector('[data-unreachable]')?.remove()
}

function sayWaiting() {
  status.textContent = status.dataset.waiting
}

function setWaiting(pressed, now) {
  waiting = now
  log.setAttribute('aria-busy', String(now))
  form.classList.toggle('waiting', now)
  pressed?.classList.toggle('picked', now)
  for (const button of form.querySelectorAll('button')) button.setAttribute('aria-disabled', String(now))
  if (!now) status.textContent = ''
}

// The page works without this. With it, an answer is added to the conversation in place of a new page. What is typed is
// shown here and sent; it is kept nowhere. Whatever fails, the form is sent the ordinary way.

const form = document.getElementById('say')
const log = document.getElementById('log')
const text = document.getElementById('text')

form.addEventListener('submit', async (event) => {
  if (form.getAttribute('aria-busy') === 'true') {
    event.preventDefault()
    return
  }
  const pressed = event.submitter?.name === 'choice' ? event.submitter : null
  event.preventDefault()
  form.setAttribute('aria-busy', 'true')
  try {
    const response = await fetch(form.action, {
      method: 'POST',
      body: new URLSearchParams(new FormData(form, event.submitter)),
      headers: { Accept: 'text/html' },
      cache: 'no-store',
      credentials: 'omit',
    })
    const page = new DOMParser().parseFromString(await response.text(), 'text/html')
    show(page, pressed ? pressed.textContent : text.value.trim(), pressed ? log.dataset.chose : log.dataset.wrote)
  } catch {
    sendOrdinarily(pressed)
  } finally {
    form.removeAttribute('aria-busy')
  }
})

function show(page, mine, label) {
  const answer = page.getElementById('answer')
  const id = page.querySelector('input[name=conversation]').value
  answer.removeAttribute('id')
  if (mine) {
    const line = document.createElement('p')
    const who = document.createElement('span')
    line.className = 'mine'
    who.className = 'who'
    who.textContent = label
    line.append(who, ' ', mine)
    log.append(line)
  }
  log.append(document.adoptNode(answer))
  document.getElementById('choices').replaceWith(document.adoptNode(page.getElementById('choices')))
  if (id) form.elements.conversation.value = id
  text.value = ''
  answer.previousElementSibling?.scrollIntoView({ block: 'start' })
}

function sendOrdinarily(pressed) {
  if (pressed) {
    const field = document.createElement('input')
    field.type = 'hidden'
    field.name = 'choice'
    field.value = pressed.value
    form.append(field)
  }
  form.submit()
}

// Nothing of a conversation stays in the page when the visitor leaves it, by whichever way: neither for the Back button nor
// for a copy that the browser puts aside.

const log = document.getElementById('log')
const form = document.getElementById('say')

/** Empty the conversation and all that was typed: the page is as it was before the first message. */
export function wipe() {
  if (!form) return
  log.textContent = ''
  form.elements.conversation.value = ''
  form.elements.text.value = ''
  form.querySelector('.choices').replaceWith(document.getElementById('first').content.cloneNode(true))
  document.getElementById('status').textContent = ''
  document.getElementById('problem').textContent = ''
}

addEventListener('pagehide', wipe)
document.addEventListener('freeze', wipe)
addEventListener('pageshow', (event) => {
  if (event.persisted) wipe()
})

// In a frame on a partner's page: other sites refuse to be shown in a frame, so a link to one opens in a tab of its own; a
// number is called from the page around it, whose policy may let its frames go nowhere but to us; and Esc closes the frame,
// which only the page around it can do.

if (self !== top) {
  addEventListener('click', (event) => {
    const link = event.target.closest('a[data-pointer][href^="http"], a[href^="tel:"]')
    if (link) link.target = link.protocol === 'tel:' ? '_top' : '_blank'
  })
  addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !event.isComposing) parent.postMessage('close', '*')
  })
}

// On a partner's page: a button and a plain link, and behind the button our page in a frame. It reads nothing of the page that
// it is on but the data attributes of its own script element, and keeps nothing.
(() => {
  const WORDS = {{ words | tojson }}
  const STYLE = `
    :host { display: block }
    button, a { display: inline-block; box-sizing: border-box; min-height: 2.75rem; padding: .5rem 1rem; font: inherit; line-height: 1.5 }
    button { border: 2px solid #12525a; border-radius: .5rem; background: #12525a; color: #fff; font-weight: bold; cursor: pointer }
    a { color: inherit }
    :focus-visible { outline: 3px solid #0b57d0; outline-offset: 2px; box-shadow: 0 0 0 2px #fff }
    dialog {
      position: fixed; inset: 0; box-sizing: border-box; width: auto; max-width: 46rem; height: auto; max-height: 52rem;
      margin: auto; padding: 0; border: 1px solid; background: Canvas; color: CanvasText; color-scheme: light dark
    }
    @media (max-width: 46rem) { dialog { max-height: none; border: 0 } }
    dialog[open] { display: flex; flex-direction: column }
    p { display: flex; flex-wrap: wrap; justify-content: space-between; gap: .5rem; margin: 0; padding: .375rem .5rem }
    iframe { flex: 1; align-self: stretch; border: 0 }`

  const script = document.currentScript
  const { campaign, lang, label } = script.dataset
  const home = new URL(script.src).origin
  const language = lang in WORDS ? lang : 'en'
  const words = WORDS[language]
  const address = `${home}/?${new URLSearchParams({ lang: language, ...(campaign && { c: campaign }) })}`

  const place = document.createElement('div')
  const root = place.attachShadow({ mode: 'open' })
  const open = make('button', { type: 'button', textContent: label || words.button, ariaHasPopup: 'dialog' })
  const dialog = make('dialog', { ariaLabel: words.title })
  const close = make('button', { type: 'button', textContent: words.close })
  const bar = make('p', {})
  let frame = null

  // A browser that can't do one or the other still has the link. A style made by script needs no leave of the host's policy.
  if (dialog.showModal) root.append(open, ' ')
  if ('adoptedStyleSheets' in root) {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(STYLE)
    root.adoptedStyleSheets = [sheet]
  }
  bar.append(link(), close)
  dialog.append(bar)
  root.append(link(), dialog)
  place.lang = language
  script.after(place)

  open.addEventListener('click', () => {
    frame = make('iframe', {
      title: words.title,
      referrerPolicy: 'no-referrer',
      // Before the address, or it would not hold for it.
      sandbox:
        'allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation',
      src: address,
    })
    dialog.append(frame)
    dialog.showModal()
  })
  close.addEventListener('click', () => dialog.close())
  // Whichever way it closes: the frame goes, and all that was in it. The browser puts the focus back on the button.
  dialog.addEventListener('close', () => frame.remove())
  // Esc in the frame is heard there only. That it was pressed is all that the frame ever says.
  addEventListener('message', (event) => {
    if (frame && event.source === frame.contentWindow && event.origin === home && event.data === 'close') dialog.close()
  })

  function link() {
    return make('a', { href: address, target: '_blank', rel: 'noopener noreferrer', textContent: words.new_tab })
  }

  function make(name, properties) {
    return Object.assign(document.createElement(name), properties)
  }
})()

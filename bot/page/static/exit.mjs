// "Leave quickly". The component is GOV.UK's (vendor/README.md): Shift three times, what screen readers are told, the empty
// page in front. It leaves by following a link, so that the Back button leads back here. Ours takes this page's place in the
// history, and empties the page first. Nothing is sent to us.

import { ExitThisPage } from './vendor/exit-this-page.bundle.mjs'
import { wipe } from './wipe.mjs'

class Exit extends ExitThisPage {
  exitPage() {
    wipe()
    document.body.classList.add('govuk-exit-this-page-hide-content')
    this.$overlay = document.createElement('div')
    this.$overlay.className = 'govuk-exit-this-page-overlay'
    this.$overlay.setAttribute('role', 'alert')
    document.body.append(this.$overlay)
    this.$overlay.textContent = this.i18n.t('activated')
    top.location.replace(this.$button.href) // in a frame too, the whole tab leaves
  }
}

// The component asks for this class; with it, the page says what works only with a script.
document.body.classList.add('govuk-frontend-supported')
new Exit(document.querySelector('.govuk-exit-this-page'))

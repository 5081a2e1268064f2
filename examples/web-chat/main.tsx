import { render } from 'preact'
import { App } from './app'
import { keepPage } from './keep-page'

const place = document.getElementById('app')
if (place) render(<App />, place)
void keepPage().catch((error) => console.warn('The page will not open offline.', error))

import './shared-memory.ts'
import './style.css'
import { render } from 'preact'
import { App } from './app.tsx'
import { listen } from './keyboard.ts'
import { follow, load } from './state.ts'

const page = document.getElementById('page')!
page.replaceChildren()
render(<App />, page)
listen()
addEventListener('popstate', follow)
void load()

import './shared-memory.ts'
import './style.css'
import { render } from 'preact'
import { App } from './app.tsx'
import { listen } from './keyboard.ts'
import { keepProgress } from './progress.ts'
import { follow } from './state.ts'

const page = document.getElementById('page')!
page.replaceChildren()
follow()
render(<App />, page)
keepProgress()
listen()
addEventListener('popstate', follow)

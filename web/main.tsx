import './shared-memory.ts'
import './style.css'
import { render } from 'preact'
import { App } from './app.tsx'
import { listen } from './keyboard.ts'
import { follow, load } from './state.ts'

render(<App />, document.getElementById('page')!)
listen()
addEventListener('popstate', follow)
void load()

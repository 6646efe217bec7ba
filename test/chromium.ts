import { existsSync } from 'node:fs'

/** Where Debian and others put it. */
const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** The browser's file; undefined if there is none, and then the tests say so. */
export const browserFile = PLACES.find((file) => existsSync(file))

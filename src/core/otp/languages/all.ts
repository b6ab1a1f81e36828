// Every language whose words are known.
import { english } from './english.ts'
import type { Language } from './language.ts'

export const languages: readonly Language[] = [english]

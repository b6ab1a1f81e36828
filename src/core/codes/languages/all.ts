// Every language whose words are known.
import { african } from './african.ts'
import { doneWords } from './done-words.ts'
import { eastAsian } from './east-asian.ts'
import { english } from './english.ts'
import { european } from './european.ts'
import { germanic } from './germanic.ts'
import { indic } from './indic.ts'
import type { Language } from './language.ts'
import { mideast } from './mideast.ts'
import { minor } from './minor.ts'
import { pacific } from './pacific.ts'
import { romance } from './romance.ts'
import { slavic } from './slavic.ts'
import { smallWords } from './small-words.ts'
import { southeastAsian } from './southeast-asian.ts'
import { turkic } from './turkic.ts'

/** Words that no message is too foreign to use. First in the list, and always heard. */
const international: Language = {
  id: 'any',
  code: 'code,codes,kod,код,コード,otp,pin,password,passcode,parol,пароль,token,pin code,p i n,o t p,c o d e',
  strong: 'otp,2fa',
}

const spoken: readonly Language[] = [
  international,
  english,
  ...germanic,
  ...romance,
  ...slavic,
  ...european,
  ...turkic,
  ...mideast,
  ...indic,
  ...eastAsian,
  ...southeastAsian,
  ...african,
  ...pacific,
  ...minor,
]

export const languages: readonly Language[] = spoken.map((language) => {
  const { id } = language
  return { ...language, small: smallWords[id] ?? '', done: doneWords[id] ?? '' }
})

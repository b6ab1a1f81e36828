// What the mails to users say: plain functions that give a subject and paragraphs.
import type { Letter, LetterKind } from '../core/people/letters.ts'
import { isNotice, type NoticeKind } from '../core/people/notices.ts'
import { noticeTexts } from './notices.ts'
import type { Written } from './written.ts'

export type MailText = { readonly subject: string; readonly text: string; readonly html: string }

/** Where the mail comes from. */
type Platform = { readonly name: string }

type Write = (platform: Platform, facts: Letter['facts']) => Written

const hello = (name: string | null | undefined) => (name ? `Hello ${name},` : 'Hello,')

const verify: Write = ({ name }, facts) => ({
  subject: `Confirm your e-mail address for ${name}`,
  before: [
    hello(facts.name),
    `Somebody, probably you, signed up at ${name} with this address. Confirm it to go on:`,
  ],
  link: 'Confirm the address',
  after: [
    'The link works once, within 24 hours.',
    'If it was not you, do nothing: then nothing is created.',
  ],
})

const knownAddress: Write = ({ name }) => ({
  subject: `You already have a user at ${name}`,
  before: [
    'Hello,',
    `Somebody signed up at ${name} with this address, and there is a user with it already. Nothing has ` +
      'changed.',
    'If it was you, sign in. If you have forgotten your password, you can set a new one there.',
  ],
  link: 'Sign in',
  after: ['If it was not you, there is nothing to do.'],
})

const reset: Write = ({ name }) => ({
  subject: `Set a new password for ${name}`,
  before: ['Hello,', `Somebody, probably you, asked for a new password at ${name}. Set it here:`],
  link: 'Set a new password',
  after: [
    'The link works once, within an hour. Your other sessions end when you use it.',
    'If it was not you, do nothing: your password stays.',
  ],
})

const guessing: Write = ({ name }) => ({
  subject: `Somebody is guessing your password at ${name}`,
  before: [
    'Hello,',
    `Many wrong passwords were tried for your user at ${name}. Further attempts are slowed down more and ` +
      'more.',
    'If it was you, you can set a new password when you sign in. If it was not you, a long password that ' +
      'you use nowhere else keeps others out; a second factor does so even if they learn it.',
  ],
  link: 'Look at your security settings',
  after: [],
})

const newSignIn: Write = ({ name }, facts) => ({
  subject: `New sign-in at ${name}`,
  before: [
    'Hello,',
    `Somebody signed in as you at ${name} from a device that is new.`,
    where(facts),
  ],
  link: 'Look at your sessions',
  after: ['If it was not you, end that session and set a new password.'],
})

const passwordChanged: Write = ({ name }, facts) => ({
  subject: `Your password at ${name} was changed`,
  before: [
    'Hello,',
    `Your password at ${name} was changed. All other sessions have ended.`,
    where(facts),
  ],
  link: 'Look at your security settings',
  after: ['If it was not you, set a new password by mail at once ("Forgot your password?").'],
})

const invitation: Write = ({ name }, facts) => ({
  subject: `An invitation to ${name}`,
  before: ['Hello,', `${facts.by ?? 'Somebody'} invites you to an account at ${name}.`],
  link: 'Accept the invitation',
  after: ['The link works once, within 7 days.', 'If you do not know who it is, do nothing.'],
})

const codeGuessing: Write = ({ name }, facts) => ({
  subject: `Somebody is guessing your codes at ${name}`,
  before: [
    'Hello,',
    `Somebody who knows your password at ${name} tries codes of your second factor. Further attempts are ` +
      'slowed down more and more.',
    where(facts),
  ],
  link: 'Look at your security settings',
  after: ['If it was not you, set a new password at once.'],
})

/** A text about something that has happened to the second factor. */
const factorNote =
  (about: string, what: string): Write =>
  ({ name }, facts) => ({
    subject: `${about} at ${name}`,
    before: ['Hello,', `${what} at ${name}.`, where(facts)],
    link: 'Look at your security settings',
    after: ['If it was not you, set a new password at once, and end all other sessions.'],
  })

const passkeyCopied: Write = ({ name }, facts) => ({
  subject: `A passkey was refused at ${name}`,
  before: [
    'Hello,',
    `A passkey of yours was refused at ${name}: it counts its uses, and the count has gone back. Somebody ` +
      'may have a copy of it.',
    where(facts),
  ],
  link: 'Look at your security settings',
  after: ['Remove the passkey there and add it again.'],
})

/** From where, in words. */
const where = ({ device, address, at }: Letter['facts']) =>
  [
    `Device: ${device ?? 'unknown'}`,
    `Address: ${address ?? 'unknown'}`,
    `Time: ${at ?? 'unknown'}`,
  ].join('\n')

const texts = {
  verify,
  known_address: knownAddress,
  reset,
  guessing,
  new_sign_in: newSignIn,
  password_changed: passwordChanged,
  invitation,
  code_guessing: codeGuessing,
  factor_added: factorNote('New second factor', 'A second factor was added to your user'),
  factor_removed: factorNote('Second factor removed', 'A second factor of your user was removed'),
  recovery_code_used: factorNote(
    'Recovery code used',
    'Somebody signed in as you with a recovery code in place of your second factor',
  ),
  recovery_codes_made: factorNote('New recovery codes', 'Your recovery codes were replaced'),
  passkey_copied: passkeyCopied,
} as const satisfies Record<Exclude<LetterKind, NoticeKind>, Write>

/** The mail of a letter. */
export function mailOf({ text, url, facts }: Letter, platform: Platform): MailText {
  const { subject, before, link, after } = isNotice(text)
    ? noticeTexts(facts.locale)[text](platform.name, facts)
    : texts[text](platform, facts)
  const plain = [...before, url, ...after, `-- \n${platform.name}`]
  return {
    subject,
    text: `${plain.join('\n\n')}\n`,
    html: [
      '<!doctype html><html><body style="font:16px/1.5 system-ui,sans-serif;max-width:34em">',
      ...before.map(paragraph),
      `<p><a href="${escaped(url)}">${escaped(link)}</a></p>`,
      ...after.map(paragraph),
      `<p style="color:#666">${escaped(platform.name)}</p></body></html>`,
    ].join('\n'),
  }
}

const paragraph = (text: string) => `<p>${escaped(text).replaceAll('\n', '<br>')}</p>`

const escaped = (text: string) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)

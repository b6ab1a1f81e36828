// The texts of mails in English.
import type { Words } from './words.ts'

export const english: Words = {
  tag: 'en-GB',
  unknown: 'unknown',
  parts: {
    hello: { fact: 'name', known: 'Hello {name},', unknown: 'Hello,' },
    by: { fact: 'by', known: '{by}', unknown: 'Somebody' },
    account: { fact: 'account', known: ' of {account}', unknown: '' },
    toAccount: { fact: 'account', known: ' in {account}', unknown: '' },
    service: { fact: 'service', known: ' for {service}', unknown: '' },
    rented: { fact: 'number', known: '{number}', unknown: 'a number' },
  },
  where: 'Device: {device}\nAddress: {address}\nTime: {at}',
  mails: {
    verify: {
      subject: 'Confirm your e-mail address for {platform}',
      before: [
        '{hello}',
        'Somebody, probably you, signed up at {platform} with this address. Confirm it to go on:',
      ],
      link: 'Confirm the address',
      after: [
        'The link works once, within 24 hours.',
        'If it was not you, do nothing: then nothing is created.',
      ],
    },
    known_address: {
      subject: 'You already have a user at {platform}',
      before: [
        '{hello}',
        'Somebody signed up at {platform} with this address, and there is a user with it ' +
          'already. Nothing has changed.',
        'If it was you, sign in. If you have forgotten your password, you can set a new one there.',
      ],
      link: 'Sign in',
      after: ['If it was not you, there is nothing to do.'],
    },
    reset: {
      subject: 'Set a new password for {platform}',
      before: [
        '{hello}',
        'Somebody, probably you, asked for a new password at {platform}. Set it here:',
      ],
      link: 'Set a new password',
      after: [
        'The link works once, within an hour. Your other sessions end when you use it.',
        'If it was not you, do nothing: your password stays.',
      ],
    },
    guessing: {
      subject: 'Somebody is guessing your password at {platform}',
      before: [
        '{hello}',
        'Many wrong passwords were tried for your user at {platform}. Further attempts are ' +
          'slowed down more and more.',
        'If it was you, you can set a new password when you sign in. If it was not you, a long ' +
          'password that you use nowhere else keeps others out; a second factor does so even if ' +
          'they learn it.',
      ],
      link: 'Look at your security settings',
      after: [],
    },
    new_sign_in: {
      subject: 'New sign-in at {platform}',
      before: [
        '{hello}',
        'Somebody signed in as you at {platform} from a device that is new.',
        '{where}',
      ],
      link: 'Look at your sessions',
      after: ['If it was not you, end that session and set a new password.'],
    },
    password_changed: {
      subject: 'Your password at {platform} was changed',
      before: [
        '{hello}',
        'Your password at {platform} was changed. All other sessions have ended.',
        '{where}',
      ],
      link: 'Look at your security settings',
      after: ['If it was not you, set a new password by mail at once ("Forgot your password?").'],
    },
    invitation: {
      subject: 'An invitation to {platform}',
      before: ['{hello}', '{by} invites you to an account at {platform}.'],
      link: 'Accept the invitation',
      after: ['The link works once, within 7 days.', 'If you do not know who it is, do nothing.'],
    },
    code_guessing: {
      subject: 'Somebody is guessing your codes at {platform}',
      before: [
        '{hello}',
        'Somebody who knows your password at {platform} tries codes of your second factor. ' +
          'Further attempts are slowed down more and more.',
        '{where}',
      ],
      link: 'Look at your security settings',
      after: ['If it was not you, set a new password at once.'],
    },
    factor_added: {
      subject: 'New second factor at {platform}',
      before: ['{hello}', 'A second factor was added to your user at {platform}.', '{where}'],
      link: 'Look at your security settings',
      after: ['If it was not you, set a new password at once, and end all other sessions.'],
    },
    factor_removed: {
      subject: 'Second factor removed at {platform}',
      before: ['{hello}', 'A second factor of your user was removed at {platform}.', '{where}'],
      link: 'Look at your security settings',
      after: ['If it was not you, set a new password at once, and end all other sessions.'],
    },
    recovery_code_used: {
      subject: 'Recovery code used at {platform}',
      before: [
        '{hello}',
        'Somebody signed in as you with a recovery code in place of your second factor at ' +
          '{platform}.',
        '{where}',
      ],
      link: 'Look at your security settings',
      after: ['If it was not you, set a new password at once, and end all other sessions.'],
    },
    recovery_codes_made: {
      subject: 'New recovery codes at {platform}',
      before: ['{hello}', 'Your recovery codes were replaced at {platform}.', '{where}'],
      link: 'Look at your security settings',
      after: ['If it was not you, set a new password at once, and end all other sessions.'],
    },
    passkey_copied: {
      subject: 'A passkey was refused at {platform}',
      before: [
        '{hello}',
        'A passkey of yours was refused at {platform}: it counts its uses, and the count has ' +
          'gone back. Somebody may have a copy of it.',
        '{where}',
      ],
      link: 'Look at your security settings',
      after: ['Remove the passkey there and add it again.'],
    },
    low_balance: {
      subject: 'Your balance at {platform} runs low',
      before: [
        '{hello}',
        'The balance{account} has fallen to {balance} {currency}. You asked to be told below ' +
          '{mark} {currency}.',
      ],
      link: 'Top up',
      after: ['You can switch these mails off in the settings, under “Notifications”.'],
    },
    deposit_credited: {
      subject: '{amount} {currency} added at {platform}',
      before: [
        '{hello}',
        'A deposit of {amount} {currency} was paid and added to the balance{account}.',
      ],
      link: 'Look at the wallet',
      after: ['You can switch these mails off in the settings, under “Notifications”.'],
    },
    rental_ending: {
      subject: 'A rental at {platform} ends soon',
      before: [
        '{hello}',
        'The rental of {rented}{service}{toAccount} ends on {at} UTC. After that the number is ' +
          'let to others. Renew it if you still need it.',
      ],
      link: 'Look at your rentals',
      after: ['You can switch these mails off in the settings, under “Notifications”.'],
    },
  },
}

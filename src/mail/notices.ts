// What the mails about accounts say, in the language of whoever gets them.
import type { Letter } from '../core/people/letters.ts'
import type { NoticeKind } from '../core/people/notices.ts'
import type { Written } from './written.ts'

type Facts = Letter['facts']
type Texts = Readonly<Record<NoticeKind, (platform: string, facts: Facts) => Written>>

const money = (amount: string | null | undefined, currency: string | null | undefined) =>
  `${amount ?? '?'} ${currency ?? ''}`.trim()

/** A time as people read it. */
const time = (locale: string, at: string | null | undefined) =>
  at
    ? new Intl.DateTimeFormat(locale, {
        ...{ dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' },
      }).format(new Date(at))
    : '?'

const accountIn = (facts: Facts, words: string) =>
  facts.account ? ` ${words} ${facts.account}` : ''

const englishEnd = ['You can switch these mails off in the settings, under “Notifications”.']

const english: Texts = {
  low_balance: (platform, facts) => ({
    subject: `Your balance at ${platform} runs low`,
    before: [
      'Hello,',
      `The balance${accountIn(facts, 'of')} has fallen to ${money(facts.balance, facts.currency)}. You ` +
        `asked to be told below ${money(facts.mark, facts.currency)}.`,
    ],
    link: 'Top up',
    after: englishEnd,
  }),
  deposit_credited: (platform, facts) => ({
    subject: `${money(facts.amount, facts.currency)} added at ${platform}`,
    before: [
      'Hello,',
      `A deposit of ${money(facts.amount, facts.currency)} was paid and added to the balance` +
        `${accountIn(facts, 'of')}.`,
    ],
    link: 'Look at the wallet',
    after: englishEnd,
  }),
  rental_ending: (platform, facts) => ({
    subject: `A rental at ${platform} ends soon`,
    before: [
      'Hello,',
      `The rental of ${facts.number || 'a number'}${facts.service ? ` for ${facts.service}` : ''}` +
        `${accountIn(facts, 'in')} ends on ${time('en-GB', facts.at)} UTC. After that the number is let to ` +
        'others. Renew it if you still need it.',
    ],
    link: 'Look at your rentals',
    after: englishEnd,
  }),
}

const indonesianEnd = ['Anda dapat mematikan surel ini di pengaturan, bagian “Notifikasi”.']

const indonesian: Texts = {
  low_balance: (platform, facts) => ({
    subject: `Saldo Anda di ${platform} menipis`,
    before: [
      'Halo,',
      `Saldo${accountIn(facts, 'akun')} turun menjadi ${money(facts.balance, facts.currency)}. Anda ` +
        `meminta diberi tahu di bawah ${money(facts.mark, facts.currency)}.`,
    ],
    link: 'Isi saldo',
    after: indonesianEnd,
  }),
  deposit_credited: (platform, facts) => ({
    subject: `${money(facts.amount, facts.currency)} ditambahkan di ${platform}`,
    before: [
      'Halo,',
      `Deposit ${money(facts.amount, facts.currency)} telah dibayar dan ditambahkan ke saldo` +
        `${accountIn(facts, 'akun')}.`,
    ],
    link: 'Lihat dompet',
    after: indonesianEnd,
  }),
  rental_ending: (platform, facts) => ({
    subject: `Sewa di ${platform} segera berakhir`,
    before: [
      'Halo,',
      `Sewa ${facts.number || 'sebuah nomor'}${facts.service ? ` untuk ${facts.service}` : ''}` +
        `${accountIn(facts, 'di akun')} berakhir pada ${time('id', facts.at)} UTC. Setelah itu nomor ` +
        'disewakan kepada orang lain. Perpanjang jika masih Anda perlukan.',
    ],
    link: 'Lihat sewa Anda',
    after: indonesianEnd,
  }),
}

/** The texts of notices, in a language; English where there are none. */
export const noticeTexts = (locale: string | null | undefined): Texts =>
  locale === 'id' || locale?.startsWith('id-') ? indonesian : english

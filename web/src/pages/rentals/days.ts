// Days of a conversation, in words: today, yesterday, then their date.
import { useLingui } from '@lingui/react/macro'

const dayMs = 86_400_000

export function useDayWords() {
  const { t, i18n } = useLingui()
  const tag = i18n.locale === 'pseudo' ? 'en' : i18n.locale
  const format = new Intl.DateTimeFormat(tag, { dateStyle: 'full' })
  const today = format.format(new Date())
  const yesterday = format.format(new Date(Date.now() - dayMs))
  return (iso: string): string => {
    const day = format.format(new Date(iso))
    if (day === today) return t`Today`
    return day === yesterday ? t`Yesterday` : day
  }
}

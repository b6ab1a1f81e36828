// Choosing the theme and the language: shown at once, and kept for the person's other browsers.
import { useMutation } from '@tanstack/react-query'
import { chooseLocale, type Locale } from '../texts.ts'
import { setTheme, type Theme } from '../theme.ts'
import { keepWish } from './session.ts'

export function useWishes() {
  // If it cannot be kept, it is still what this browser shows.
  const keep = useMutation({ mutationFn: keepWish })
  return {
    theme(theme: Theme) {
      setTheme(theme)
      keep.mutate({ theme })
    },
    locale(locale: Locale) {
      void chooseLocale(locale)
      if (locale !== 'pseudo') keep.mutate({ locale })
    },
  }
}

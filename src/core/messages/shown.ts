// Which messages an order shows: those that came in time, and late ones that its customer has paid for.

export const shownStates = ['delivered', 'claimed'] as const

/** Whether an order shows messages in this state. */
export const isShown = (state: string) => (shownStates as readonly string[]).includes(state)

/** The SQL condition for the same. @NOTE written out, so that plans of prepared statements can use it */
export const inShownState = (state = 'state') => `${state} in ('delivered', 'claimed')`

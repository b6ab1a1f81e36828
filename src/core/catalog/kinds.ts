// The kinds of what can be bought: each offer and each order is of one.

export const offerKinds = ['activation', 'rental', 'email', 'esim'] as const
export type OfferKind = (typeof offerKinds)[number]

// Loaded before a program (`node --import`), so that its machine's clock seems to be some seconds off.
const shiftMs = Number(process.env.TEST_CLOCK_SHIFT_S ?? 0) * 1_000
const RealDate = Date
const now = () => RealDate.now() + shiftMs
globalThis.Date = class Shifted extends RealDate {
  constructor(...given) {
    super(...(given.length === 0 ? [now()] : given))
  }
  static now = now
}

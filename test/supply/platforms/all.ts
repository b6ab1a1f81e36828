// The platforms of all upstream kinds.
import { samples as numlets } from './numlets.ts'
import type { PlatformSample } from './platform.ts'
import { simulatorSample } from './simulator.ts'

export const allPlatforms: readonly PlatformSample[] = [...numlets, simulatorSample]

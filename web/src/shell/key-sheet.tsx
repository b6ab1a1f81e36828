// The sheet under `?`: every key that works on this page.
import { Trans, useLingui } from '@lingui/react/macro'
import { Modal } from '@mantine/core'
import css from './key-sheet.module.css'
import { useShortcuts } from './keys.ts'

export function KeySheet({ onClose }: { onClose: () => void }) {
  const { t } = useLingui()
  const shortcuts = useShortcuts()
  const fixed = [
    { keys: 'Ctrl K', label: t`Find anything` },
    { keys: 'Esc', label: t`Close what is open` },
  ]
  return (
    <Modal
      opened
      onClose={onClose}
      title={t`Keys`}
      size={440}
      lockScroll={false}
      closeButtonProps={{ 'aria-label': t`Close` }}
    >
      <dl className={css.keys}>
        {[...shortcuts, ...fixed].map(({ keys, label }) => (
          <div key={keys}>
            <dt>{label}</dt>
            <dd>
              {keys.split(' ').map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
      <p className="small mute">
        <Trans>Keys work where you are not typing.</Trans>
      </p>
    </Modal>
  )
}

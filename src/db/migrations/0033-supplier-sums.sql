-- The sums of suppliers' accounts, of many transfers.
-- online

-- step: index what goes out of suppliers' accounts
create index concurrently transfers_supply_debit on transfers (debit_id) include (amount)
  where kind in ('supply_hold', 'supply_post', 'supply_void', 'supply_charge', 'supply_refund', 'supply_adjust',
    'supplier_topup');

-- step: index what comes into suppliers' accounts
create index concurrently transfers_supply_credit on transfers (credit_id) include (amount)
  where kind in ('supply_hold', 'supply_post', 'supply_void', 'supply_charge', 'supply_refund', 'supply_adjust',
    'supplier_topup');

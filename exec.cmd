@rem Lets the scripts of package.json say "exec", as a Unix shell needs it to hand signals on, under Windows too.
@%*

\ What the words of SEARCH and TOOLS print; read as output/core.fth is.

\ clause 16.6.2.1985 ORDER
VOCABULARY OUT-LIST
\ out |search: FORTH  into: FORTH |
OUT{ ORDER }OUT
ALSO OUT-LIST DEFINITIONS
\ out |search: OUT-LIST FORTH  into: OUT-LIST |
OUT{ ORDER }OUT
ONLY
\ out |search: FORTH  into: OUT-LIST |
OUT{ ORDER }OUT
DEFINITIONS

\ clause 15.6.1.0600 ?
VARIABLE OUT-CELL -5 OUT-CELL !
\ out |-5 |
OUT{ OUT-CELL ? }OUT
\ out |FB |
OUT{ 251 OUT-CELL ! HEX OUT-CELL ? DECIMAL }OUT

\ clause 15.6.1.0220 .S
\ out |<3> 1 2 3 |
OUT{ 1 2 3 .S 2DROP DROP }OUT

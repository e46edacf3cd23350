\ What XEMIT prints, and EMIT beside it; read as output/core.fth is.

\ clause 18.6.1.2488.10 XEMIT
\ out |A|
OUT{ 65 XEMIT }OUT
\ out |é|
OUT{ $E9 XEMIT }OUT
\ out |€|
OUT{ $20AC XEMIT }OUT
\ out |😀|
OUT{ $1F600 XEMIT }OUT
\ out |é|
OUT{ $C3 EMIT $A9 EMIT }OUT
\ clause 18.6.2.2488.20 XHOLD
\ out |€42 |
OUT{ 42 0 <# #S $20AC XHOLD #> TYPE SPACE }OUT
\ clause 18.6.2.0145 +X/STRING
\ out |über|
OUT{ S" 😀über" +X/STRING TYPE }OUT

\ STRING EXT: text in which names are replaced.
SUITE string/substitution

CREATE RESULT 64 ALLOT
\ What a text becomes in a buffer of 64 characters, and how many names were replaced.
: SUBST ( c-addr1 u1 -- c-addr2 u2 n ) RESULT 64 SUBSTITUTE ;
: GIVES ( c-addr1 u1 c-addr2 u2 -- flag n ) 2SWAP SUBST >R COMPARE 0= R> ;

\ clause 17.6.2.2141 REPLACES
T{ S" Hello" S" hi" REPLACES -> }T
T{ S" %hi%" S" Hello" GIVES -> TRUE 1 }T
T{ S" Good day" S" hi" REPLACES S" %hi%" S" Good day" GIVES -> TRUE 1 }T
T{ S" Yo" S" hi" REPLACES S" %hi%" S" Yo" GIVES -> TRUE 1 }T
T{ S" " S" hi" REPLACES S" a%hi%b" S" ab" GIVES -> TRUE 1 }T
T{ S" Hi" S" hi" REPLACES S" world" S" w" REPLACES -> }T
T{ S" %hi% %w%" S" Hi world" GIVES -> TRUE 2 }T
\ The text is copied.
: SETS-PAD 65 PAD C! PAD 1 S" p" REPLACES 66 PAD C! ;
T{ SETS-PAD S" %p%" S" A" GIVES -> TRUE 1 }T
\ A name may have blanks in it; it is no word, whatever it is.
T{ S" 1" S" two words" REPLACES S" %two words%" S" 1" GIVES -> TRUE 1 }T
T{ S" 2" S" DUP" REPLACES 7 DUP S" %DUP%" S" 2" GIVES -> 7 7 TRUE 1 }T
T{ BL WORD two FIND NIP BL WORD hi FIND NIP -> 0 0 }T
: NAME-252 ( -- c-addr u ) PAD 252 120 FILL PAD 252 ;
T{ S" long" NAME-252 REPLACES -> }T
T{ 37 PAD 300 + C! NAME-252 PAD 301 + SWAP MOVE 37 PAD 553 + C! PAD 300 + 254 S" long" GIVES -> TRUE 1 }T
\ A word that sets one can be compiled, and run by another.
: SETS S" set" S" late" REPLACES ;
T{ SETS S" %late%" S" set" GIVES -> TRUE 1 }T
\ MARKER forgets what was made after it, and brings back what was there.
T{ S" before" S" marked" REPLACES -> }T
MARKER FORGET-SUBSTITUTIONS
T{ S" a longer text than before" S" marked" REPLACES S" new" S" unmarked" REPLACES -> }T
T{ S" %marked%/%unmarked%" S" a longer text than before/new" GIVES -> TRUE 2 }T
FORGET-SUBSTITUTIONS
T{ S" %marked%/%unmarked%" S" before/%unmarked%" GIVES -> TRUE 1 }T

\ clause 17.6.2.2255 SUBSTITUTE
T{ S" " S" " GIVES -> TRUE 0 }T
T{ S" plain" S" plain" GIVES -> TRUE 0 }T
T{ S" plain" SUBST ROT RESULT = -> 5 0 TRUE }T
T{ S" a %w% b" S" a world b" GIVES -> TRUE 1 }T
T{ S" %w%%w%%w%" S" worldworldworld" GIVES -> TRUE 3 }T
\ Two delimiters are one, which is not counted.
T{ S" 100%%" S" 100%" GIVES -> TRUE 0 }T
T{ S" %%" S" %" GIVES -> TRUE 0 }T
T{ S" %%%%" S" %%" GIVES -> TRUE 0 }T
T{ S" %%w%%" S" %w%" GIVES -> TRUE 0 }T
T{ S" %%%w%" S" %world" GIVES -> TRUE 1 }T
\ What is no name stays, delimiters and all, and reading goes on behind it.
T{ S" %nobody%" S" %nobody%" GIVES -> TRUE 0 }T
T{ S" %nobody%w%" S" %nobody%w%" GIVES -> TRUE 0 }T
T{ S" %nobody%%w%" S" %nobody%world" GIVES -> TRUE 1 }T
\ A delimiter alone stays with all that follows.
T{ S" %" S" %" GIVES -> TRUE 0 }T
T{ S" 50% off" S" 50% off" GIVES -> TRUE 0 }T
T{ S" %w% 50% off" S" world 50% off" GIVES -> TRUE 1 }T
T{ S" %w" S" %w" GIVES -> TRUE 0 }T
T{ S" %%%" S" %%" GIVES -> TRUE 0 }T
\ What has been put in is not looked at again.
T{ S" %w%" S" nested" REPLACES S" %nested%" S" %w%" GIVES -> TRUE 1 }T
T{ S" %" S" percent" REPLACES S" %percent%w%percent%" S" %w%" GIVES -> TRUE 2 }T
\ A result that just fits, and one that does not.
T{ S" 12%w%89" RESULT 9 SUBSTITUTE ROT ROT S" 12world89" COMPARE -> 1 0 }T
T{ S" 12%w%89" RESULT 8 SUBSTITUTE NIP SWAP RESULT = SWAP 0< -> TRUE TRUE }T
T{ S" 12%w%89" RESULT 6 SUBSTITUTE NIP NIP 0< -> TRUE }T
T{ S" 12%w%89" RESULT 0 SUBSTITUTE NIP NIP 0< -> TRUE }T
T{ S" 100%%" RESULT 3 SUBSTITUTE NIP NIP 0< -> TRUE }T
T{ S" %nobody%" RESULT 7 SUBSTITUTE NIP NIP 0< -> TRUE }T
T{ S" " RESULT 0 SUBSTITUTE ROT DROP -> 0 0 }T
: GUARDED ( -- char ) 33 RESULT 8 + C! S" 12%w%89" RESULT 8 SUBSTITUTE 2DROP DROP RESULT 8 + C@ ;
T{ GUARDED -> 33 }T
\ Onto itself it would overwrite what it has not read.
T{ RESULT 5 RESULT 64 SUBSTITUTE NIP NIP 0< -> TRUE }T

\ clause 17.6.2.2375 UNESCAPE
T{ S" plain" RESULT UNESCAPE S" plain" COMPARE -> 0 }T
T{ S" " RESULT UNESCAPE NIP -> 0 }T
T{ S" %" RESULT UNESCAPE S" %%" COMPARE -> 0 }T
T{ S" 50% of %w%" RESULT UNESCAPE S" 50%% of %%w%%" COMPARE -> 0 }T
T{ S" %%" RESULT UNESCAPE S" %%%%" COMPARE -> 0 }T
T{ S" abc" RESULT UNESCAPE DROP RESULT = -> TRUE }T
\ It undoes what SUBSTITUTE would do.
T{ S" 50% of %w%" PAD UNESCAPE S" 50% of %w%" GIVES -> TRUE 0 }T

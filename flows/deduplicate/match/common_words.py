"""Common words: those that say nothing about which abstract they are in."""

COMMON_WORDS = """
0 1 2 3 5 a accuracy accurate achieve achieves across addition address algorith all also an
analysis and any applicat approach architec are art as at attentio availabl aware based baseline
be been behavior benchmar better between both but by can capabili case challeng characte
classifi code compared complex complexi componen comprehe computat conditio consider consiste
constrai construc context control cost critical cross current data dataset datasets decision
deep demonstr design designed detectio differen dimensio distribu diverse domain due during
dynamic e each effectiv efficien enables enabling end environm establis evaluate evaluati even
existing experime explicit extensiv feature features fine first for framewor from function
further furtherm g gap general generali generate generati given graph has have high highligh how
however human i identify image images implemen importan improve improvem improves in includin
increasi inferenc informat input integrat interact interpre into introduc investig is it its key
knowledg language large learning level leverage like limitati limited llm llms long low maintain
making many may mechanis method methods model modeling models more most multi multiple network
networks neural new non not novel number of often on one only open optimal optimiza or order
other our outperfo over paper paramete particul performa potentia practica predicti present
previous prior problem problems process propose proposed provide provides quality question real
reasonin recent remains represen research resource results robust s same scale scenario semantic
set several show signific simple simulati single solution some source space specific standard
state strategi strategy strong structur study substant such supervis support system systems task
tasks techniqu text than that the their them then these they this three through time to traditio
trained training transfor two under understa up use used user using various via vision visual we
well when where which while with within without work world yet
"""
"""The 300 words that are in the most of 88,578 arXiv abstracts of 2007 to 2026 (each in more
than one of sixteen), cut to the eight bytes by which words are told apart. Among 85,372 abstracts,
eight bands of four minima brought together 447,305 pairs of strangers with these words and 1,186
without them, and 11,902 against 11,028 of the true pairs; most others share title or authors."""

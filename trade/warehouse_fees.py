"""What a warehouse charges: storage by age, work by piece, carton, order and weight. Dated price rows in, charges out.

Published price lists the bases follow: standards of the field name age bands per m3 and day with free days, and fees
per piece, order, carton, pallet, container and weight band, with minimums and a dimensional divisor.
"""

FEE_BASES = ("m3_day", "unit", "order", "carton", "pallet", "container", "weight_band")

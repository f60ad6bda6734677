"""The assortment (组货): which products of a pool make a show, in which roles and order, for how many minutes."""

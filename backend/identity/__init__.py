"""Identity review (人像比对复核): cases of students whom the comparison could not verify; few people see them."""

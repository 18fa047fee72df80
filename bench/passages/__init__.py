"""Measures whether passages (sentences cited as answers) answer questions whose answers are known.

`questions.tsv` holds the questions; it was written before the code. Its columns: collection (`demo`, the demonstration;
`fiches`, the practical sheets), part (`work`, which the code may be tuned on; `fresh`, drawn at random and labelled
last), question, id of the resource, place (body, summary, or publication/page), and where the answer is in that text:
first and last offset, digest of the text between them. A question has a line for each sentence that answers it.
"""

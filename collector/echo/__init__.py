"""The operator's names: an echo that is signed, and objects of any size, over each address family. It needs no collector and no store."""

"""Fusion of medical images: MRI with CT, PET or SPECT, from preparation to the table.

The stages are those of IR/VIS fusion, run for each task and method of `medical/params.yaml`.
MRI, always gray, takes the place of IR; the other modality that of VIS, so the colours of PET
and SPECT are kept as those of VIS are.
"""

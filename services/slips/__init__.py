"""The papers of a dossier as PDF, forms 01 to 07 of Circular 03/2025/TT-VPCP and those of Circular 01/2018/TT-VPCP.

Texts of the forms are Vietnamese, as the rules print them. The facts travel to typst as JSON values, so that nothing
typed by anybody can become markup.
"""

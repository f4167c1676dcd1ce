"""Rows of a table into any entity: prepared step by step (``drafts``), then carried out as a batch (``job``)."""

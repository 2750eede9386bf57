# Serves the routine as an ordinary user:
#   docker build --tag open-papers .
#   docker run --env HF_TOKEN --volume papers:/home/papers/data open-papers serve --publish-to ME/IT
FROM python:3.11-slim

RUN useradd --create-home --uid 1000 papers

COPY pyproject.toml setup.py requirements.lock README.md LICENSE dataset_card.md /src/
COPY flows /src/flows
COPY schemas /src/schemas
COPY data/curation /src/data/curation
COPY data/models /src/data/models
COPY data/accuracy.csv /src/data/accuracy.csv
COPY docs/recipes.md /src/docs/recipes.md
RUN python -m pip install --no-cache-dir --require-hashes --no-deps --requirement /src/requirements.lock
RUN python -m pip install --no-cache-dir --no-deps --no-build-isolation /src && rm -r /src

# A new volume is given to the user who owns the folder it is mounted on.
USER papers
WORKDIR /home/papers
RUN mkdir data
VOLUME /home/papers/data
ENV PREFECT_HOME=/home/papers/data/prefect HF_HOME=/home/papers/data/hf

ENTRYPOINT ["open-papers"]
CMD ["serve"]

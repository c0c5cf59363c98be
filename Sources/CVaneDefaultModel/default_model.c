// The files of model/, put into the program by the preprocessor (C23 #embed).
#include "include/vane_default_model.h"

#if defined(__clang__)
#pragma clang diagnostic ignored "-Wc23-extensions"
#endif

static const unsigned char config_json[] = {
#embed "model/config.json"
};
static const unsigned char tokenizer_json[] = {
#embed "model/tokenizer.json"
};
static const unsigned char model_safetensors[] = {
#embed "model/model.safetensors"
};
static const unsigned char concept_sentiment[] = {
#embed "model/concepts/sentiment.vane"
};
static const unsigned char concept_formality[] = {
#embed "model/concepts/formality.vane"
};
static const unsigned char concept_politeness[] = {
#embed "model/concepts/politeness.vane"
};
static const unsigned char concept_certainty[] = {
#embed "model/concepts/certainty.vane"
};
static const unsigned char concept_first_person[] = {
#embed "model/concepts/first-person.vane"
};
static const unsigned char concept_past[] = {
#embed "model/concepts/past.vane"
};
static const unsigned char concept_present[] = {
#embed "model/concepts/present.vane"
};
static const unsigned char concept_future[] = {
#embed "model/concepts/future.vane"
};
static const unsigned char concept_food[] = {
#embed "model/concepts/food.vane"
};
static const unsigned char concept_sport[] = {
#embed "model/concepts/sport.vane"
};
static const unsigned char concept_weather[] = {
#embed "model/concepts/weather.vane"
};
static const unsigned char concept_travel[] = {
#embed "model/concepts/travel.vane"
};
static const unsigned char concept_music[] = {
#embed "model/concepts/music.vane"
};
static const unsigned char concept_school[] = {
#embed "model/concepts/school.vane"
};
static const unsigned char concept_garden[] = {
#embed "model/concepts/garden.vane"
};
static const unsigned char concept_work[] = {
#embed "model/concepts/work.vane"
};
static const unsigned char concept_film[] = {
#embed "model/concepts/film.vane"
};

static const vdm_file files[] = {
    {"config.json", config_json, sizeof config_json},
    {"tokenizer.json", tokenizer_json, sizeof tokenizer_json},
    {"model.safetensors", model_safetensors, sizeof model_safetensors},
    {"concepts/sentiment.vane", concept_sentiment, sizeof concept_sentiment},
    {"concepts/formality.vane", concept_formality, sizeof concept_formality},
    {"concepts/politeness.vane", concept_politeness, sizeof concept_politeness},
    {"concepts/certainty.vane", concept_certainty, sizeof concept_certainty},
    {"concepts/first-person.vane", concept_first_person, sizeof concept_first_person},
    {"concepts/past.vane", concept_past, sizeof concept_past},
    {"concepts/present.vane", concept_present, sizeof concept_present},
    {"concepts/future.vane", concept_future, sizeof concept_future},
    {"concepts/food.vane", concept_food, sizeof concept_food},
    {"concepts/sport.vane", concept_sport, sizeof concept_sport},
    {"concepts/weather.vane", concept_weather, sizeof concept_weather},
    {"concepts/travel.vane", concept_travel, sizeof concept_travel},
    {"concepts/music.vane", concept_music, sizeof concept_music},
    {"concepts/school.vane", concept_school, sizeof concept_school},
    {"concepts/garden.vane", concept_garden, sizeof concept_garden},
    {"concepts/work.vane", concept_work, sizeof concept_work},
    {"concepts/film.vane", concept_film, sizeof concept_film},
};

const vdm_file *vdm_files(size_t *count) {
    *count = sizeof files / sizeof files[0];
    return files;
}
